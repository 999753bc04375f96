import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { header } from './raw-peer.ts';

type Seen = { text: string; socket: Socket };

/** The far side of a call, played by hand over TCP or TLS. */
export class StreamPeer {
  readonly #server: Server;
  readonly #unread: Seen[] = [];
  readonly #waiters: { start: string; resolve(seen: Seen): void }[] = [];
  readonly sockets: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param tls key and certificate in PEM; plain TCP without them. */
  static async open(tls?: { key: string; cert: string }, port = 0): Promise<StreamPeer> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const peer = new StreamPeer(server);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      peer.#accept(socket),
    );
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return peer;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next message that begins so, unread ones first. */
  async next(start: string): Promise<Seen> {
    const index = this.#unread.findIndex(({ text }) => text.startsWith(start));
    const [unread] = index < 0 ? [] : this.#unread.splice(index, 1);
    if (unread !== undefined) return unread;
    const { promise, resolve } = Promise.withResolvers<Seen>();
    this.#waiters.push({ start, resolve });
    return promise;
  }

  respond(request: Seen, status: string, options: { tag?: string; lines?: string[] } = {}): void {
    const from = { ...request, from: { address: '', family: 'IPv4' as const, port: 0, size: 0 } };
    const to = header(from, 'To');
    const { lines = [], tag } = options;
    request.socket.write(
      [
        `SIP/2.0 ${status}`,
        `Via: ${header(from, 'Via')}`,
        `From: ${header(from, 'From')}`,
        `To: ${tag === undefined || to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
        `Call-ID: ${header(from, 'Call-ID')}`,
        `CSeq: ${header(from, 'CSeq')}`,
        ...lines,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    let buffered = '';
    socket.on('data', (bytes) => {
      buffered += bytes.toString();
      for (;;) {
        const match = /^(?:\r\n)*([\s\S]*?\r\n\r\n)/.exec(buffered);
        const head = match?.[1];
        if (match === null || head === undefined) return;
        const end = match[0].length + Number(/^Content-Length: (\d+)/im.exec(head)?.[1] ?? 0);
        if (buffered.length < end) return;
        const seen = { text: buffered.slice(match[0].length - head.length, end), socket };
        buffered = buffered.slice(end);
        const index = this.#waiters.findIndex(({ start }) => seen.text.startsWith(start));
        if (index < 0) this.#unread.push(seen);
        else this.#waiters.splice(index, 1)[0]?.resolve(seen);
      }
    });
  }
}
