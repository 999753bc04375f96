import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Endpoint } from './call-capture.ts';
import { ipFamily } from './ip-address.ts';
import { StreamFraming } from './stream-framing.ts';
import { errorCodeOf, type Hop, type TransportEvents } from './transport.ts';

export type TlsOptions = {
  /** Certificates to trust instead of the system's, in PEM. */
  ca?: string;
};

export type StreamTransportOptions = {
  /** Where connections from far ends are accepted: on the same port as over UDP, as in our Contact. */
  listenAt(): Promise<Endpoint>;
  tls: TlsOptions;
  /** Whether connections from this address are allowed. */
  allows(address: string): boolean;
};

type Connection = {
  socket: Socket | TLSSocket;
  users: number;
  opened: Promise<void>;
  closing: NodeJS.Timeout | undefined;
};

const IDLE_MS = 30_000;
const CONNECT_MS = 4_000;
const MAX_INCOMING = 200;

/** SIP over TCP and TLS (RFC 3261 §18): one connection to each peer, shared by all calls to it. */
export class StreamTransport {
  readonly #options: StreamTransportOptions;
  readonly #events: TransportEvents;
  readonly #connections = new Map<string, Connection>();
  readonly #incoming = new Set<Socket>();
  #server: Promise<Server | undefined> | undefined;
  #closed = false;

  constructor(options: StreamTransportOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
  }

  /**
   * Connects, or shares an existing connection. `name` is the name that a TLS certificate must be issued for.
   *
   * @throws {Error} when the peer cannot be connected to or, over TLS, is not who it should be.
   */
  async acquire(peer: Endpoint, transport: 'tcp' | 'tls', name: string): Promise<Hop> {
    if (this.#closed) throw new Error('the SIP transport is closed');
    if (transport === 'tcp') await this.#listen();
    const key = this.#keyOf(peer, transport, name);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      connection = this.#connect(key, peer, transport, name);
      this.#connections.set(key, connection);
    }
    const { socket } = connection;
    clearTimeout(connection.closing);
    connection.users += 1;
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#release(key, connection);
    };
    try {
      await connection.opened;
    } catch (error) {
      release();
      this.#drop(key, connection);
      throw error;
    }
    const local = await this.#localOf(socket, transport);
    return {
      address: peer.address,
      port: peer.port,
      transport,
      local,
      get isOpen() {
        return socket.writable;
      },
      send: (bytes, failed) => {
        if (socket.writable) socket.write(bytes);
        else failed?.('EPIPE');
      },
      release,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [key, connection] of this.#connections) this.#drop(key, connection);
    for (const socket of this.#incoming) socket.destroy();
    const server = await this.#server;
    server?.close();
  }

  /**
   * Returns the key of a connection. A far end's Contact contains its address, so over TLS the connection whose
   * certificate was accepted is used for it too.
   */
  #keyOf({ address, port }: Endpoint, transport: 'tcp' | 'tls', name: string): string {
    const prefix = `${transport} ${address} ${port} `;
    const existing = [...this.#connections.keys()].find((key) => key.startsWith(prefix));
    if (transport === 'tcp') return prefix;
    return existing !== undefined && ipFamily(name) !== 0 ? existing : `${prefix}${name}`;
  }

  /**
   * Returns our address. Over TCP, far ends reach us at the port that we listen on; over TLS, only by this connection.
   */
  async #localOf(socket: Socket, transport: 'tcp' | 'tls'): Promise<Endpoint> {
    const { localAddress = '127.0.0.1', localPort = 0 } = socket;
    const server = transport === 'tcp' ? await this.#server : undefined;
    const listening = server?.address();
    const port = typeof listening === 'object' && listening !== null ? listening.port : localPort;
    return { address: localAddress, port };
  }

  /** Listens for connections, at the port for UDP or, if another program has that one for TCP, at any. */
  #listen(): Promise<Server | undefined> {
    this.#server ??= this.#options.listenAt().then(async ({ address, port }) => {
      const server = createServer((socket) => this.#accept(socket));
      server.maxConnections = MAX_INCOMING;
      server.unref();
      const listenAt = async (tried: number) => {
        server.listen(tried, address);
        await once(server, 'listening');
      };
      try {
        await listenAt(port).catch(() => listenAt(0));
      } catch {
        // Far ends can still reach us by the connections that we open.
        return undefined;
      }
      server.on('error', () => {});
      if (this.#closed) server.close();
      return server;
    });
    return this.#server;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || !this.#options.allows(remoteAddress)) {
      socket.destroy();
      return;
    }
    this.#incoming.add(socket);
    socket.setTimeout(IDLE_MS * 2, () => socket.destroy());
    socket.on('close', () => this.#incoming.delete(socket));
    socket.on('error', () => {});
    this.#read(socket, { address: remoteAddress, port: remotePort }, 'tcp');
  }

  #connect(key: string, peer: Endpoint, transport: 'tcp' | 'tls', name: string): Connection {
    const { address: host, port } = peer;
    const socket =
      transport === 'tcp'
        ? connect({ host, port })
        : connectTls({
            host,
            port,
            ...(this.#options.tls.ca === undefined ? {} : { ca: this.#options.tls.ca }),
            // SNI can only contain names; the certificate is checked against the provider's name (RFC 5922 §7.2).
            ...(ipFamily(name) === 0 ? { servername: name } : {}),
          });
    socket.setNoDelay(true);
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' })),
      CONNECT_MS,
    );
    const open = async () => {
      try {
        await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect');
      } finally {
        clearTimeout(timer);
      }
      let code = 'ECONNRESET';
      socket.on('error', (error) => {
        code = errorCodeOf(error);
      });
      socket.on('close', () => {
        const connection = this.#connections.get(key);
        if (connection?.socket !== socket) return;
        this.#drop(key, connection);
        this.#events.unreachable({ ...peer, transport }, code);
      });
      this.#read(socket, peer, transport);
    };
    return { socket, users: 0, opened: open(), closing: undefined };
  }

  #read(socket: Socket, source: Endpoint, transport: 'tcp' | 'tls'): void {
    const framing = new StreamFraming();
    socket.on('data', (bytes) => {
      const { localAddress = '127.0.0.1', localPort = 0 } = socket;
      const arrival = {
        transport,
        source,
        local: { address: localAddress, port: localPort },
        respond: (response: Uint8Array) => {
          if (socket.writable) socket.write(response);
          return source;
        },
      };
      try {
        const { keepAlives, messages } = framing.push(Buffer.from(bytes));
        for (let pong = 0; pong < keepAlives; pong += 1) socket.write('\r\n');
        for (const message of messages) this.#events.received({ ...arrival, bytes: message });
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#events.received({ ...arrival, bytes: framing.rest.slice(0, 8_192) });
        socket.destroy();
      }
    });
  }

  #release(key: string, connection: Connection): void {
    connection.users -= 1;
    if (connection.users > 0 || this.#closed) return;
    connection.closing = setTimeout(() => this.#drop(key, connection), IDLE_MS);
    connection.closing.unref();
  }

  #drop(key: string, connection: Connection): void {
    clearTimeout(connection.closing);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    connection.socket.on('error', () => {});
    connection.socket.destroy();
  }
}
