import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { demoBehaviourOf } from './demo-behaviour.ts';
import { DemoCall, type DemoTimes } from './demo-call.ts';
import { type Credentials, digestResponse, parseDigestFields } from './digest.ts';
import { headerValues, type SipHeader, type SipMessage, type SipRequest } from './message.ts';
import { tagOf } from './name-address.ts';
import { parseMessage } from './parse-message.ts';
import { type ResponseInit, responseBytes, responsePort } from './response.ts';
import { SipSyntaxError } from './scanner.ts';
import { DEFAULT_TIMERS, type SipTimers } from './timers.ts';
import { parseSipUri, unescapeUser } from './uri.ts';

export type DemoCarrier = {
  /** For a provider's `hostname`. */
  host: string;
  close(): Promise<void>;
};

export type DemoCarrierOptions = {
  /** 0, the default, takes any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  times?: DemoTimes;
  /** True drops the caller's audio instead of returning it, as a far end does whose media is blocked. */
  isSilent?: boolean;
};

/** What the carrier takes for an answer to its challenge. */
export const DEMO_CREDENTIALS: Credentials = { username: 'demo', password: 'demo' };

export const DEFAULT_DEMO_TIMES: DemoTimes = { ringAfterMs: 300, answerAfterMs: 1_500, talkMs: 10_000 };

const REALM = 'demo carrier';
// Far above what one machine's tests need; a flood must not eat the memory of `npm start`.
const MAX_CALLS = 2_000;
const RTP_HEADER_BYTES = 12;
const SSRC_OFFSET = 8;

/**
 * A SIP carrier on a loopback port, to call without a provider: what comes of a call is in the number dialled
 * (`demoBehaviourOf`). Answers OPTIONS, so that health checks find it.
 */
export async function startDemoCarrier(options: DemoCarrierOptions = {}): Promise<DemoCarrier> {
  const signalling = await bind(options.port ?? 0);
  const media = await bind(0);
  if (options.isSilent !== true) media.on('message', (packet, from) => echo(media, packet, from));
  const carrier = new Carrier(signalling, media.address().port, options);
  signalling.on('message', (bytes, from) => carrier.packet(bytes, from));
  return {
    host: `127.0.0.1:${signalling.address().port}`,
    async close() {
      carrier.close();
      signalling.close();
      media.close();
    },
  };
}

async function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  // A caller that has gone away is no concern of the carrier's.
  socket.on('error', () => {});
  return socket;
}

/** Returns the caller's audio to it, as an echo test does, under an SSRC of its own (RFC 3550 8.2). */
function echo(media: Socket, packet: Buffer, from: RemoteInfo): void {
  if (packet.length < RTP_HEADER_BYTES) return;
  packet.writeUInt32BE(~packet.readUInt32BE(SSRC_OFFSET) >>> 0, SSRC_OFFSET);
  media.send(packet, from.port, from.address);
}

class Carrier {
  readonly #socket: Socket;
  readonly #mediaPort: number;
  readonly #clock: Clock;
  readonly #timers: SipTimers;
  readonly #times: DemoTimes;
  readonly #calls = new Map<string, DemoCall>();
  readonly #secret = randomBytes(16);

  constructor(socket: Socket, mediaPort: number, options: DemoCarrierOptions) {
    this.#socket = socket;
    this.#mediaPort = mediaPort;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timers = options.timers ?? DEFAULT_TIMERS;
    this.#times = options.times ?? DEFAULT_DEMO_TIMES;
  }

  packet(bytes: Uint8Array, from: RemoteInfo): void {
    const message = readMessage(bytes);
    if (message === undefined) return;
    if (message.kind === 'response') this.#calls.get(message.callId)?.responseReceived(message);
    else this.#request(message, from);
  }

  close(): void {
    for (const call of this.#calls.values()) call.stop();
    this.#calls.clear();
  }

  #request(request: SipRequest, from: RemoteInfo): void {
    const call = this.#calls.get(request.callId);
    if (call?.receive(request) === true) return;
    const answer = request.method === 'INVITE' ? this.#invited(request, from) : outOfCall(request.method);
    if (answer !== undefined) this.#respond(request, from, answer);
  }

  /** Takes the call, or says at once why not. */
  #invited(request: SipRequest, from: RemoteInfo): ResponseInit | undefined {
    if (tagOf(request.to) !== undefined) return { status: 481, reason: 'Call/Transaction Does Not Exist' };
    if (this.#calls.size >= MAX_CALLS) return { status: 503, reason: 'Service Unavailable' };
    const behaviour = demoBehaviourOf(dialledUser(request.uri));
    const challenge = behaviour.kind === 'challenge' ? this.#challenge(behaviour, request) : undefined;
    if (challenge !== undefined) return challenge;
    const call = new DemoCall({
      request,
      behaviour: behaviour.kind === 'challenge' ? { kind: 'answer', waits: false } : behaviour,
      mediaPort: this.#mediaPort,
      local: { address: '127.0.0.1', port: this.#socket.address().port },
      clock: this.#clock,
      timers: this.#timers,
      times: this.#times,
      respond: (answered, answer) => this.#respond(answered, from, answer),
      send: (bytes) => this.#socket.send(bytes, from.port, from.address),
      ended: () => this.#calls.delete(request.callId),
    });
    this.#calls.set(request.callId, call);
    call.start();
    return undefined;
  }

  /** The challenge, unless the request answers it already (RFC 3261 22). */
  #challenge({ status }: { status: 401 | 407 }, request: SipRequest): ResponseInit | undefined {
    const nonce = createHmac('sha256', this.#secret).update(request.callId).digest('hex').slice(0, 32);
    const asks = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const answers = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    if (headerValues(request, answers).some((value) => isRight(value, request, nonce))) return undefined;
    const reason = status === 401 ? 'Unauthorized' : 'Proxy Authentication Required';
    const headers: SipHeader[] = [
      { name: asks, value: `Digest realm="${REALM}", nonce="${nonce}", algorithm=SHA-256, qop="auth"` },
      { name: asks, value: `Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5, qop="auth"` },
    ];
    return { status, reason, headers };
  }

  #respond(request: SipRequest, from: RemoteInfo, answer: ResponseInit): void {
    // One tag for all responses of a call, without keeping it.
    const toTag = createHmac('sha256', this.#secret)
      .update(`tag ${request.callId}`)
      .digest('hex')
      .slice(0, 16);
    const bytes = responseBytes(request, from, { toTag, ...answer });
    this.#socket.send(bytes, responsePort(request, from), from.address);
  }
}

/** What is not SIP is passed over. */
function readMessage(bytes: Uint8Array): SipMessage | undefined {
  try {
    return parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipSyntaxError) return undefined;
    throw error;
  }
}

function outOfCall(method: string): ResponseInit | undefined {
  switch (method) {
    case 'ACK':
      return undefined;
    case 'OPTIONS':
      return {
        status: 200,
        reason: 'OK',
        headers: [{ name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS' }],
      };
    case 'BYE':
    case 'CANCEL':
      return { status: 481, reason: 'Call/Transaction Does Not Exist' };
    default:
      return { status: 405, reason: 'Method Not Allowed' };
  }
}

function dialledUser(uri: string): string {
  try {
    const { user } = parseSipUri(uri);
    return user === undefined ? '' : unescapeUser(user);
  } catch (error) {
    if (error instanceof SipSyntaxError) return '';
    throw error;
  }
}

function isRight(value: string, request: SipRequest, nonce: string): boolean {
  let fields: Map<string, string> | undefined;
  try {
    fields = parseDigestFields(value);
  } catch (error) {
    if (error instanceof SipSyntaxError) return false;
    throw error;
  }
  if (fields?.get('nonce') !== nonce || fields.get('username') !== DEMO_CREDENTIALS.username) return false;
  const [uri, cnonce, count] = ['uri', 'cnonce', 'nc'].map((name) => fields.get(name));
  if (uri === undefined || cnonce === undefined || count === undefined) return false;
  const algorithm = fields.get('algorithm')?.toUpperCase() === 'SHA-256' ? 'SHA-256' : 'MD5';
  const use = { method: request.method, uri, cnonce, count: Number.parseInt(count, 16) };
  const right = digestResponse(DEMO_CREDENTIALS, { realm: REALM, nonce, algorithm, qop: 'auth' }, use);
  return fields.get('qop') === 'auth' && fields.get('response') === right;
}
