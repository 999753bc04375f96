import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { AgreedMedia } from './sdp.ts';

/** 20 ms of G.711 silence by payload type: PCMU and PCMA, the only ones for which silence needs no encoder. */
const silence = new Map([
  [0, Buffer.alloc(160, 0xff)],
  [8, Buffer.alloc(160, 0xd5)],
]);
const packetMs = 20;
const samplesPerPacket = 160;

type Stream = { media: AgreedMedia; header: Buffer; payload: Buffer; first: boolean };

/**
 * Silence as RTP (RFC 3550 5.1) for every call at once: one socket, one timer that runs only while somebody listens. What
 * far ends send is thrown away; many of them drop a call that sends nothing, or send nothing themselves until it does.
 */
export class RtpSilence {
  readonly #socket: Socket;
  readonly #streams = new Set<Stream>();
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', () => {});
    // A far end's closed media port is no reason to end a call, and none to end the process.
    socket.on('error', () => {});
  }

  static async open(address: string): Promise<RtpSilence> {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    socket.unref();
    return new RtpSilence(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Sends silence until the result is called. Does nothing for a codec whose silence it does not know. */
  start(media: AgreedMedia): () => void {
    const payload = silence.get(media.payloadType);
    if (payload === undefined || !media.listens) return () => {};
    const header = randomBytes(12);
    header[0] = 0x80;
    const stream = { media, header, payload, first: true };
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.#tick(), packetMs);
    return () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#stopTimer();
    };
  }

  close(): void {
    this.#stopTimer();
    this.#streams.clear();
    this.#socket.close();
  }

  #tick(): void {
    for (const stream of this.#streams) {
      const { header, media, payload } = stream;
      // The marker bit says where talking, here silence, begins (RFC 3551 4.1).
      header[1] = media.payloadType | (stream.first ? 0x80 : 0);
      stream.first = false;
      header.writeUInt16BE((header.readUInt16BE(2) + 1) & 0xffff, 2);
      header.writeUInt32BE((header.readUInt32BE(4) + samplesPerPacket) >>> 0, 4);
      this.#socket.send([Buffer.from(header), payload], media.port, media.address, () => {});
    }
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
