import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A SIP message as the peer saw it; read with regular expressions on purpose, not with the parser under test. */
export type Seen = { text: string; from: RemoteInfo };

type Waiter = { matches(seen: Seen): boolean; resolve(seen: Seen): void };

/** The far side of a call, played by hand over plain UDP. */
export class RawPeer {
  readonly #socket: Socket;
  readonly #unread: Seen[] = [];
  readonly #waiters: Waiter[] = [];
  /** Everything that came, in order. */
  readonly all: Seen[] = [];
  #obliging = false;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (bytes, from) => {
      const seen = { text: bytes.toString('utf8'), from };
      this.all.push(seen);
      if (this.#obliging && /^(BYE|CANCEL) /.test(seen.text)) this.respond(seen, '200 OK');
      const index = this.#waiters.findIndex((waiter) => waiter.matches(seen));
      if (index < 0) this.#unread.push(seen);
      else this.#waiters.splice(index, 1)[0]?.resolve(seen);
    });
  }

  static async open(port = 0, address = '127.0.0.1'): Promise<RawPeer> {
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new RawPeer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next message that begins so, unread ones first. */
  async next(start: string): Promise<Seen> {
    return await this.nextMatching((seen) => seen.text.startsWith(start));
  }

  /** The next message that `matches` accepts, unread ones first. */
  async nextMatching(matches: (seen: Seen) => boolean): Promise<Seen> {
    const index = this.#unread.findIndex(matches);
    const [unread] = index < 0 ? [] : this.#unread.splice(index, 1);
    if (unread !== undefined) return unread;
    const { promise, resolve } = Promise.withResolvers<Seen>();
    this.#waiters.push({ matches, resolve });
    return promise;
  }

  /** How many messages began so. */
  count(start: string): number {
    return this.all.filter(({ text }) => text.startsWith(start)).length;
  }

  /** Forgets what has come so far. */
  forget(): void {
    this.all.length = 0;
    this.#unread.length = 0;
  }

  /** From now on every BYE and CANCEL gets its 200 by itself. */
  oblige(): void {
    this.#obliging = true;
  }

  sendRaw(text: string | Uint8Array, port: number): void {
    this.#socket.send(text, port, '127.0.0.1');
  }

  /** Answers a request the way a user agent server does. */
  respond(
    request: Seen,
    status: string,
    options: { tag?: string; lines?: string[]; body?: string } = {},
  ): void {
    const { body = '', lines = [], tag } = options;
    const to = header(request, 'To');
    const text = [
      `SIP/2.0 ${status}`,
      `Via: ${header(request, 'Via').replace(';rport', `;rport=${request.from.port};received=127.0.0.1`)}`,
      `From: ${header(request, 'From')}`,
      `To: ${tag === undefined || to.includes(';tag=') ? to : `${to};tag=${tag}`}`,
      `Call-ID: ${header(request, 'Call-ID')}`,
      `CSeq: ${header(request, 'CSeq')}`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    this.sendRaw(text, request.from.port);
  }

  /** 200 to an INVITE, with our Contact and, unless told otherwise, without media. */
  answer(
    invite: Seen,
    options: { tag?: string; lines?: string[]; contact?: string; body?: string } = {},
  ): void {
    const { body = '', contact = `<sip:peer@${this.host}>`, lines = [], tag = 'peer' } = options;
    this.respond(invite, '200 OK', { tag, lines: [`Contact: ${contact}`, ...lines], body });
  }

  /** A request of the peer's own within the call that `invite` opened. */
  request(
    invite: Seen,
    method: string,
    cseq: number,
    options: { tag?: string; branch?: string; lines?: string[]; body?: string } = {},
  ) {
    const { body = '', branch = `z9hG4bKpeer${method}${cseq}`, lines = [], tag = 'peer' } = options;
    const text = [
      `${method} ${contactOf(invite)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host};branch=${branch}`,
      'Max-Forwards: 70',
      `From: ${header(invite, 'To')};tag=${tag}`,
      `To: ${header(invite, 'From')}`,
      `Call-ID: ${header(invite, 'Call-ID')}`,
      `CSeq: ${cseq} ${method}`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    this.sendRaw(text, invite.from.port);
  }

  /** From now on its port is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** The first value of a header, '' when it is not there. */
export function header({ text }: Seen, name: string): string {
  return new RegExp(`^${name}: (.*)\\r$`, 'im').exec(text)?.[1] ?? '';
}

/** The Request-URI. */
export function uriOf({ text }: Seen): string {
  return text.split(' ', 2)[1] ?? '';
}

/** The body. */
export function bodyOf({ text }: Seen): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

function contactOf(seen: Seen): string {
  return header(seen, 'Contact').slice(1, -1);
}
