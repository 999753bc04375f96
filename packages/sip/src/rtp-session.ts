import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock } from './clock.ts';
import { familyOfAddress } from './ip-address.ts';
import { formatSenderReport, parseRtcp, roundTripMsOf } from './rtcp.ts';
import { ReceivedStream, type RtpStatistics } from './rtp-statistics.ts';
import { listens, type RemoteAudio } from './session-description.ts';

/** 20 ms of G.711 silence by payload type: PCMU and PCMA, the only ones for which silence needs no encoder. */
const SILENCE = new Map([
  [0, Buffer.alloc(160, 0xff)],
  [8, Buffer.alloc(160, 0xd5)],
]);
const PACKET_MS = 20;
const SAMPLES_PER_PACKET = 160;
const RTP_HEADER_BYTES = 12;
/** RFC 3550 §6.2: the minimum interval of RTCP. */
const RTCP_MS = 5_000;
const FIRST_PORT = 16_384;
const LAST_PORT = 32_766;
const MAX_PORT_ATTEMPTS = 100;

/** Sends what is due for all calls with a single timer, which runs only while a call needs it. */
export class RtpTicker {
  readonly #sessions = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  add(tick: () => void): () => void {
    this.#sessions.add(tick);
    this.#timer ??= setInterval(() => {
      for (const each of this.#sessions) each();
    }, PACKET_MS);
    return () => {
      this.#sessions.delete(tick);
      if (this.#sessions.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

export type RtpSessionOptions = {
  clock: Clock;
  ticker: RtpTicker;
  /** Our address, at which both ports are opened. */
  address: string;
  /** Whether packets from this address count. */
  allows(address: string): boolean;
};

/**
 * The media of one call: an even port for RTP and the next one for RTCP (RFC 3550 §11). Sends silence, because many far
 * ends drop a call that sends nothing, and counts what it receives.
 */
export class RtpSession {
  readonly #options: RtpSessionOptions;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #header = Buffer.concat([Buffer.from([0x80, 0]), randomBytes(RTP_HEADER_BYTES - 2)]);
  readonly #sent = { packets: 0, bytes: 0 };
  readonly #received = { packets: 0, bytes: 0, errors: 0 };
  readonly #rtcpSent = { packets: 0, bytes: 0 };
  readonly #rtcpReceived = { packets: 0, bytes: 0, errors: 0 };
  /** By SSRC; a far end that changes its SSRC starts another stream. */
  readonly #streams: ReceivedStream[] = [];
  #remote: RemoteAudio | undefined;
  #lastSenderReport: { ntpMiddle: number; at: number } | undefined;
  #roundTripMs: number | undefined;
  #stopTicks = () => {};
  #stopReports = () => {};
  #isFirst = true;
  #closed = false;
  /** When something was last received, by the clock; undefined if nothing has been. */
  lastReceivedAt: number | undefined;

  private constructor(options: RtpSessionOptions, rtp: Socket, rtcp: Socket) {
    this.#options = options;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    rtp.on('message', (packet, from) => {
      if (options.allows(from.address)) this.#rtpReceived(packet);
    });
    rtcp.on('message', (packet, from) => {
      if (options.allows(from.address)) this.#rtcpReceivedPacket(packet);
    });
    // A closed media port at the far end must end neither the call nor the process.
    for (const socket of [rtp, rtcp]) socket.on('error', () => {}).unref();
  }

  /** @throws {Error} when no pair of ports is free. */
  static async open(options: RtpSessionOptions): Promise<RtpSession> {
    for (let attempt = 1; ; attempt += 1) {
      const port = randomInt(FIRST_PORT / 2, LAST_PORT / 2 + 1) * 2;
      const sockets: Socket[] = [];
      try {
        const rtp = await bind(options.address, port, sockets);
        const rtcp = await bind(options.address, port + 1, sockets);
        return new RtpSession(options, rtp, rtcp);
      } catch (error) {
        for (const socket of sockets) socket.close();
        if (attempt === MAX_PORT_ATTEMPTS) throw error;
      }
    }
  }

  get port(): number {
    return this.#rtp.address().port;
  }

  /**
   * Sends to the stream that was negotiated last, and counts what is received from it. Returns whether silence is sent.
   */
  negotiated(remote: RemoteAudio): boolean {
    if (this.#closed) return false;
    this.pause();
    this.#remote = remote;
    const payload = SILENCE.get(remote.payloadType);
    const sends = payload !== undefined && listens(remote);
    if (payload !== undefined && sends) {
      this.#isFirst = true;
      this.#stopTicks = this.#options.ticker.add(() => this.#sendSilence(remote, payload));
    }
    this.#reportAfter(RTCP_MS);
    return sends;
  }

  /** Sends nothing more until the next negotiation. */
  pause(): void {
    this.#stopTicks();
    this.#stopReports();
    this.#stopTicks = () => {};
    this.#stopReports = () => {};
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.pause();
    this.#rtp.close();
    this.#rtcp.close();
  }

  statistics(): RtpStatistics {
    const expected = this.#streams.reduce((sum, stream) => sum + stream.expected, 0);
    const lost = Math.max(
      0,
      this.#streams.reduce((sum, stream) => sum + stream.lost, 0),
    );
    const last = this.#streams.at(-1);
    const measured =
      last === undefined
        ? {}
        : {
            lost,
            lostPercent: (lost * 100) / expected,
            ...(last.packets > 1 ? { jitterMs: last.jitterMs } : {}),
          };
    return {
      sent: { ...this.#sent },
      received: { ...this.#received, ...measured },
      rtcp: {
        sent: { ...this.#rtcpSent },
        received: { ...this.#rtcpReceived },
        ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
      },
    };
  }

  #sendSilence(remote: RemoteAudio, payload: Buffer): void {
    const header = this.#header;
    // The marker bit marks where speech, here silence, begins (RFC 3551 §4.1).
    header[1] = remote.payloadType | (this.#isFirst ? 0x80 : 0);
    this.#isFirst = false;
    header.writeUInt16BE((header.readUInt16BE(2) + 1) & 0xffff, 2);
    header.writeUInt32BE((header.readUInt32BE(4) + SAMPLES_PER_PACKET) >>> 0, 4);
    this.#sent.packets += 1;
    this.#sent.bytes += header.length + payload.length;
    this.#rtp.send([Buffer.from(header), payload], remote.port, remote.address, () => {});
  }

  #rtpReceived(packet: Buffer): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.lastReceivedAt = now;
    if (packet.length < RTP_HEADER_BYTES || packet.readUInt8(0) >> 6 !== 2) {
      this.#received.errors += 1;
      return;
    }
    this.#received.packets += 1;
    this.#received.bytes += packet.length;
    const sequence = packet.readUInt16BE(2);
    const ssrc = packet.readUInt32BE(8);
    const isAudio = this.#remote === undefined || (packet.readUInt8(1) & 0x7f) === this.#remote.payloadType;
    let stream = this.#streams.at(-1);
    if (stream?.ssrc !== ssrc) {
      // Tracking one stream after another is enough; a peer that mixes many must not fill the memory.
      if (this.#streams.length >= 16) this.#streams.shift();
      stream = new ReceivedStream(ssrc, sequence, this.#remote?.clockRate ?? 8_000);
      this.#streams.push(stream);
    }
    stream.add(sequence, isAudio ? packet.readUInt32BE(4) : undefined, now);
  }

  #rtcpReceivedPacket(packet: Buffer): void {
    const now = this.#options.clock.now();
    this.lastReceivedAt = now;
    const report = parseRtcp(packet);
    if (report === undefined) {
      this.#rtcpReceived.errors += 1;
      return;
    }
    this.#rtcpReceived.packets += 1;
    this.#rtcpReceived.bytes += packet.length;
    if (report.senderNtpMiddle !== undefined) {
      this.#lastSenderReport = { ntpMiddle: report.senderNtpMiddle, at: now };
    }
    const ours = report.blocks.find(({ ssrc }) => ssrc === this.#header.readUInt32BE(8));
    if (ours !== undefined) this.#roundTripMs = roundTripMsOf(ours, now) ?? this.#roundTripMs;
  }

  #reportAfter(ms: number): void {
    this.#stopReports = this.#options.clock.after(ms, () => {
      this.#sendReport();
      this.#reportAfter(RTCP_MS);
    });
  }

  #sendReport(): void {
    const remote = this.#remote;
    if (remote === undefined || remote.port >= 65_535) return;
    const { address, clock } = this.#options;
    const now = clock.now();
    const stream = this.#streams.at(-1);
    const heard = this.#lastSenderReport;
    const packet = formatSenderReport({
      ssrc: this.#header.readUInt32BE(8),
      cname: `providercall@${address}`,
      nowMs: now,
      rtpTimestamp: this.#header.readUInt32BE(4),
      packets: this.#sent.packets,
      payloadBytes: this.#sent.bytes - this.#sent.packets * RTP_HEADER_BYTES,
      received:
        stream === undefined
          ? undefined
          : {
              stream,
              lastSenderReport: heard?.ntpMiddle ?? 0,
              delay: heard === undefined ? 0 : Math.round(((now - heard.at) * 65_536) / 1_000),
            },
    });
    this.#rtcpSent.packets += 1;
    this.#rtcpSent.bytes += packet.length;
    this.#rtcp.send(packet, remote.port + 1, remote.address, () => {});
  }
}

async function bind(address: string, port: number, opened: Socket[]): Promise<Socket> {
  const socket = createSocket(familyOfAddress(address) === 6 ? 'udp6' : 'udp4');
  opened.push(socket);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}
