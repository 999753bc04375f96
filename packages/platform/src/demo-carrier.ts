import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, SYSTEM_CLOCK } from '@provider-call/sip/clock';
import { type Credentials, digestResponse, parseDigestFields } from '@provider-call/sip/digest';
import { headerValues, type SipHeader, type SipMessage, type SipRequest } from '@provider-call/sip/message';
import { tagOf } from '@provider-call/sip/name-address';
import { parseMessage } from '@provider-call/sip/parse-message';
import { type ResponseInit, responseBytes, responsePort } from '@provider-call/sip/response';
import { SipSyntaxError } from '@provider-call/sip/scanner';
import { DEFAULT_TIMERS, type SipTimers } from '@provider-call/sip/timers';
import { parseSipUri, unescapeUser } from '@provider-call/sip/uri';
import { demoBehaviourOf } from './demo-behaviour.ts';
import { DemoCall, type DemoTimes } from './demo-call.ts';

export type DemoCarrier = {
  /** The value for a provider's `hostname`. */
  host: string;
  close(): Promise<void>;
};

export type DemoCarrierOptions = {
  /** Port to listen on; 0, the default, picks any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  times?: DemoTimes;
  /** True drops the caller's audio instead of returning it, like a far end whose media is blocked. */
  isSilent?: boolean;
};

/** The account that the carrier's challenges accept. */
export const DEMO_CREDENTIALS: Credentials = { username: 'demo', password: 'demo' };

const DEFAULT_DEMO_TIMES: DemoTimes = { ringAfterMs: 300, answerAfterMs: 1_500, talkMs: 10_000 };

const REALM = 'demo carrier';
// Far above what tests on one machine need; a flood must not exhaust the memory of `npm start`.
const MAX_CALLS = 2_000;
const RTP_HEADER_BYTES = 12;
const SSRC_OFFSET = 8;

/**
 * Starts a SIP carrier on a loopback port, with which calls can be placed without a real provider. The number dialled
 * decides how a call ends (`demoBehaviourOf`). It responds to OPTIONS, so that health checks succeed.
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
  // A caller that has gone away is of no concern to the carrier.
  socket.on('error', () => {});
  return socket;
}

/** Sends the caller's audio back, as an echo test does, with a different SSRC (RFC 3550 §8.2). */
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
    const response = request.method === 'INVITE' ? this.#invited(request, from) : outOfCall(request.method);
    if (response !== undefined) this.#respond(request, from, response);
  }

  /** Accepts the call, or returns the response that rejects it. */
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
      respond: (received, response) => this.#respond(received, from, response),
      send: (bytes) => this.#socket.send(bytes, from.port, from.address),
      ended: () => this.#calls.delete(request.callId),
    });
    this.#calls.set(request.callId, call);
    call.start();
    return undefined;
  }

  /** Returns the challenge, or undefined if the request has the right credentials (RFC 3261 §22). */
  #challenge({ status }: { status: 401 | 407 }, request: SipRequest): ResponseInit | undefined {
    const nonce = createHmac('sha256', this.#secret).update(request.callId).digest('hex').slice(0, 32);
    const challengeName = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const credentialsName = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    if (headerValues(request, credentialsName).some((value) => hasRightCredentials(value, request, nonce)))
      return undefined;
    const reason = status === 401 ? 'Unauthorized' : 'Proxy Authentication Required';
    const headers: SipHeader[] = [
      {
        name: challengeName,
        value: `Digest realm="${REALM}", nonce="${nonce}", algorithm=SHA-256, qop="auth"`,
      },
      { name: challengeName, value: `Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5, qop="auth"` },
    ];
    return { status, reason, headers };
  }

  #respond(request: SipRequest, from: RemoteInfo, response: ResponseInit): void {
    // Derived, so that all responses of a call have the same tag without storing it.
    const toTag = createHmac('sha256', this.#secret)
      .update(`tag ${request.callId}`)
      .digest('hex')
      .slice(0, 16);
    const bytes = responseBytes(request, from, { toTag, ...response });
    this.#socket.send(bytes, responsePort(request, from), from.address);
  }
}

/** Returns the message, or undefined for anything that is not SIP, which is ignored. */
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

function hasRightCredentials(value: string, request: SipRequest, nonce: string): boolean {
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
