import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Destination } from './resolve-host.ts';

/** A way to one other side. */
export type Hop = Destination & {
  /** Our own address as that side can reach it. */
  readonly local: Destination;
  send(bytes: Uint8Array): void;
  /** Gives it back; it is closed some time after the last user did so. */
  release(): void;
};

export type TransportEvents = {
  packet(bytes: Uint8Array, from: Destination): void;
  /** Nobody is there, or the packet cannot be sent at all. */
  unreachable(hop: Destination): void;
};

type Shared = { socket: Socket; users: number; opened: Promise<void>; closing: NodeJS.Timeout | undefined };

const idleMs = 30_000;
// The system is short of buffers: what was lost is sent again when its timer fires.
const passing = new Set(['ENOBUFS', 'ENOMEM', 'EAGAIN']);

/**
 * One UDP port for all SIP, on as many sockets as there are other sides. Only a connected socket learns at once that a
 * port is closed (ICMP, then ECONNREFUSED); an unconnected one would wait for timer B. All are bound to one port, so
 * that our Contact is the same everywhere: the system hands a packet to the socket that is connected to its sender, and
 * to the listening one when there is none (a callee that sends BYE past the proxy).
 */
export class UdpTransport {
  readonly #bindAddress: Record<4 | 6, string>;
  readonly #events: TransportEvents;
  readonly #listeners = new Map<4 | 6, Promise<Socket>>();
  readonly #hops = new Map<string, Shared>();
  #port: number;
  #closed = false;

  /** `port` 0 takes any free one. With `loopbackOnly` nothing outside this machine can send to it. */
  constructor(options: { port: number; loopbackOnly: boolean }, events: TransportEvents) {
    this.#port = options.port;
    this.#bindAddress = options.loopbackOnly ? { 4: '127.0.0.1', 6: '::1' } : { 4: '0.0.0.0', 6: '::' };
    this.#events = events;
  }

  /** Rejects when no socket can be had or the address cannot be reached from here. */
  async acquire(destination: Destination): Promise<Hop> {
    if (this.#closed) throw new Error('the SIP transport is closed');
    const family = isIP(destination.address) === 6 ? 6 : 4;
    const listener = await this.#listener(family);
    const key = `${destination.address} ${destination.port}`;
    let shared = this.#hops.get(key);
    if (shared === undefined) {
      shared = this.#connect(destination, family, listener.address().port);
      this.#hops.set(key, shared);
    }
    const { socket } = shared;
    clearTimeout(shared.closing);
    shared.users += 1;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#release(key, shared);
    };
    try {
      await shared.opened;
    } catch (error) {
      release();
      this.#drop(key, shared);
      throw error;
    }
    const local = socket.address();
    return {
      ...destination,
      local: { address: local.address, port: local.port },
      send: (bytes) => {
        if (this.#closed) return;
        socket.send(bytes, (error) => this.#failed(destination, error));
      },
      release,
    };
  }

  /** Returns our address before any other side is known: loopback, or this machine's first external one. */
  async localEndpoint(): Promise<Destination> {
    const listener = await this.#listener(4);
    return { address: hostAddress(this.#bindAddress[4]), port: listener.address().port };
  }

  /** Sends a response, which goes to wherever its request says. */
  async respond(bytes: Uint8Array, to: Destination): Promise<void> {
    const listener = await this.#listener(isIP(to.address) === 6 ? 6 : 4);
    // Whoever asked is gone: nothing to be done about it.
    if (!this.#closed) listener.send(bytes, to.port, to.address, () => {});
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
    });
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => this.#events.packet(bytes, from));
    return socket;
  }

  #connect(destination: Destination, family: 4 | 6, port: number): Shared {
    const socket = this.#socket(family);
    const open = async () => {
      socket.bind(port, this.#bindAddress[family]);
      await once(socket, 'listening');
      socket.connect(destination.port, destination.address);
      await once(socket, 'connect');
      socket.on('error', (error) => this.#failed(destination, error));
    };
    return { socket, users: 0, opened: open(), closing: undefined };
  }

  #failed(destination: Destination, error: NodeJS.ErrnoException | null): void {
    if (error !== null && !passing.has(error.code ?? '')) this.#events.unreachable(destination);
  }

  #release(key: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0 || this.#closed) return;
    shared.closing = setTimeout(() => this.#drop(key, shared), idleMs);
    shared.closing.unref();
  }

  #drop(key: string, shared: Shared): void {
    clearTimeout(shared.closing);
    if (this.#hops.get(key) !== shared) return;
    this.#hops.delete(key);
    shared.socket.on('error', () => {});
    shared.socket.close();
  }
}

function hostAddress(bound: string): string {
  if (bound !== '0.0.0.0') return bound;
  const external = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return external?.address ?? '127.0.0.1';
}
