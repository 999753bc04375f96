import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from './call-capture.ts';
import { familyOfAddress } from './ip-address.ts';
import { errorCodeOf, type Hop, type TransportEvents } from './transport.ts';

type SharedSocket = {
  socket: Socket;
  users: number;
  opened: Promise<void>;
  closing: NodeJS.Timeout | undefined;
};

const IDLE_MS = 30_000;
// With Linux's default size the buffer overflows at 200 calls a second whenever the process waits for a CPU. The
// maximum is net.core.rmem_max.
const RECEIVE_BUFFER_BYTES = 2 * 1_024 * 1_024;
// The system is short of buffers; what was lost is retransmitted when its timer fires.
const PASSING_ERRORS = new Set(['ENOBUFS', 'ENOMEM', 'EAGAIN']);

/**
 * One UDP port for all SIP, with a socket for each peer. Only a connected socket learns at once that a port is closed
 * (ICMP, then ECONNREFUSED); an unconnected one would wait for timer B. All sockets are bound to the same port, so that
 * our Contact is the same everywhere: the system delivers a packet to the socket that is connected to its sender, or to
 * the listening one if there is none (a callee that sends BYE past the proxy).
 */
export class UdpTransport {
  readonly #bindAddress: Record<4 | 6, string>;
  readonly #events: TransportEvents;
  readonly #listeners = new Map<4 | 6, Promise<Socket>>();
  readonly #hops = new Map<string, SharedSocket>();
  #port: number;
  #closed = false;

  /** `port` 0 picks any free one. With `loopbackOnly`, nothing outside this machine can send to it. */
  constructor(options: { port: number; loopbackOnly: boolean }, events: TransportEvents) {
    this.#port = options.port;
    this.#bindAddress = options.loopbackOnly ? { 4: '127.0.0.1', 6: '::1' } : { 4: '0.0.0.0', 6: '::' };
    this.#events = events;
  }

  /** @throws {Error} when no socket can be opened or the address cannot be reached from here. */
  async acquire(peer: Endpoint): Promise<Hop> {
    if (this.#closed) throw new Error('the SIP transport is closed');
    const family = familyOfAddress(peer.address);
    const listener = await this.#listener(family);
    const key = `${peer.address} ${peer.port}`;
    let shared = this.#hops.get(key);
    if (shared === undefined) {
      shared = this.#connect(peer, family, listener.address().port);
      this.#hops.set(key, shared);
    }
    const { socket } = shared;
    clearTimeout(shared.closing);
    shared.users += 1;
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#release(key, shared);
    };
    try {
      await shared.opened;
    } catch (error) {
      release();
      this.#drop(key, shared);
      throw error;
    }
    const { address, port } = socket.address();
    return {
      address: peer.address,
      port: peer.port,
      transport: 'udp',
      local: { address, port },
      isOpen: true,
      send: (bytes, failed) => {
        if (this.#closed) return;
        socket.send(bytes, (error) => {
          if (error === null) return;
          const code = errorCodeOf(error);
          // EMSGSIZE concerns only these bytes; any other error also concerns everybody else who is waiting for that
          // peer.
          if (code === 'EMSGSIZE') failed?.(code);
          else this.#failed(peer, code);
        });
      },
      release,
    };
  }

  /** Our UDP port. */
  async port(): Promise<number> {
    return (await this.#listener(4)).address().port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [key, shared] of this.#hops) this.#drop(key, shared);
    for (const listener of this.#listeners.values())
      await listener.then((socket) => socket.close()).catch(() => {});
  }

  #listener(family: 4 | 6): Promise<Socket> {
    const existing = this.#listeners.get(family);
    if (existing !== undefined) return existing;
    const opening = this.#bind(family, this.#port).then((socket) => {
      this.#port = socket.address().port;
      return socket;
    });
    this.#listeners.set(family, opening);
    return opening;
  }

  async #bind(family: 4 | 6, port: number): Promise<Socket> {
    const socket = this.#socket(family);
    socket.on('error', () => {});
    socket.bind(port, this.#bindAddress[family]);
    await once(socket, 'listening');
    return socket;
  }

  #socket(family: 4 | 6): Socket {
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      reuseAddr: true,
      ipv6Only: family === 6,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
    });
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (this.#closed) return;
      const { address, port } = socket.address();
      this.#events.received({
        bytes,
        transport: 'udp',
        source: { address: from.address, port: from.port },
        local: { address, port },
        respond: (response, toPort) => {
          // Whoever sent the request from port 0 cannot be sent a response.
          void this.#respond(response, { address: from.address, port: toPort }).catch(() => {});
          return { address: from.address, port: toPort };
        },
      });
    });
    return socket;
  }

  async #respond(bytes: Uint8Array, to: Endpoint): Promise<void> {
    const listener = await this.#listener(familyOfAddress(to.address));
    // The sender of the request is gone, and nothing can be done about it.
    if (!this.#closed) listener.send(bytes, to.port, to.address, () => {});
  }

  #connect(peer: Endpoint, family: 4 | 6, port: number): SharedSocket {
    const socket = this.#socket(family);
    const open = async () => {
      socket.bind(port, this.#bindAddress[family]);
      await once(socket, 'listening');
      socket.connect(peer.port, peer.address);
      await once(socket, 'connect');
      socket.on('error', (error) => this.#failed(peer, errorCodeOf(error)));
    };
    return { socket, users: 0, opened: open(), closing: undefined };
  }

  #failed(peer: Endpoint, code: string): void {
    if (!this.#closed && !PASSING_ERRORS.has(code))
      this.#events.unreachable({ ...peer, transport: 'udp' }, code);
  }

  #release(key: string, shared: SharedSocket): void {
    shared.users -= 1;
    if (shared.users > 0 || this.#closed) return;
    shared.closing = setTimeout(() => this.#drop(key, shared), IDLE_MS);
    shared.closing.unref();
  }

  #drop(key: string, shared: SharedSocket): void {
    clearTimeout(shared.closing);
    if (this.#hops.get(key) !== shared) return;
    this.#hops.delete(key);
    shared.socket.on('error', () => {});
    shared.socket.close();
  }
}
