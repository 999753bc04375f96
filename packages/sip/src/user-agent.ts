import { networkInterfaces } from 'node:os';
import type { AllowList } from './allow-list.ts';
import { CallCapture, type Endpoint } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import type { ClientTransaction, TransactionUser } from './client-transaction.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { InviteClientTransaction } from './invite-client-transaction.ts';
import {
  locateServer,
  type NextHop,
  NoAddressError,
  type Resolver,
  SYSTEM_RESOLVER,
  type Target,
} from './locate-server.ts';
import { decodeMessage, headerValues, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { NonInviteClientTransaction } from './non-invite-client-transaction.ts';
import { type CallEvents, type InviteInput, OutgoingCall } from './outgoing-call.ts';
import {
  ALLOWED_METHODS,
  contactHeader,
  formatEndpoint,
  newBranch,
  newToken,
  type OutgoingRequest,
  SUPPORTED_EXTENSIONS,
  USER_AGENT,
  viaHeader,
} from './outgoing-request.ts';
import { parseMessage } from './parse-message.ts';
import {
  INTERNAL_ERROR,
  type IncomingRequestResponse,
  NO_SUCH_CALL,
  responseBytes,
  responsePort,
} from './response.ts';
import { RtpSession, RtpTicker } from './rtp-session.ts';
import { isToken, SipSyntaxError } from './scanner.ts';
import { StreamTransport, type TlsOptions } from './stream-transport.ts';
import { DEFAULT_TIMERS, type SipTimers, timerB } from './timers.ts';
import { type Arrival, errorCodeOf, type Hop, transportFailureText, UnreachableError } from './transport.ts';
import { UdpTransport } from './udp-transport.ts';
import { readUnreadable, rejectionOf } from './unreadable-message.ts';
import { formatHostPort, type HostPort } from './uri.ts';

export type { Credentials } from './digest.ts';
export type { NextHop, Resolver } from './locate-server.ts';
export { resolverAt } from './locate-server.ts';
export type { CallEvents, InviteInput, OutgoingCall } from './outgoing-call.ts';
export type { RtpStatistics } from './rtp-statistics.ts';

export type UserAgentOptions = {
  /** Where SIP and RTP may go; `parseAllowList(SIP_ALLOW)`. */
  allow: AllowList;
  /** Our port for UDP and TCP; 0, the default, picks any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  resolver?: Resolver;
  tls?: TlsOptions;
  /**
   * Milliseconds without RTP or SIP after which the far end of an answered call is sent OPTIONS. With the default, 60
   * s, and timer F, a far end that has died is noticed within two minutes.
   */
  keepAliveMs?: number;
  /** Receives a description of each message that did not belong to any call, and of how it was handled. */
  onStray?(text: string): void;
};

/** The result of a health check: the provider's response, or why there is none (`by: 'local'`). */
export type PingResult = { by: 'remote' | 'local'; status: number; reasonPhrase: string };

type Pending = { transaction: ClientTransaction; hop: Hop; capture: CallCapture };

type KeptResponse = { bytes: Uint8Array };

/** How many responses are kept for retransmitted requests (timer J, RFC 3261 §17.2.2). */
const MAX_KEPT_RESPONSES = 10_000;
const MAX_KEPT_RESPONSE_BYTES = 16 * 1_024 * 1_024;
const MAX_CLOSE_MS = 2_000;
const DEFAULT_KEEP_ALIVE_MS = 60_000;

/** A SIP user agent that places calls but does not accept any (RFC 3261), over UDP, TCP and TLS. */
export class UserAgent {
  readonly #allow: AllowList;
  readonly #clock: Clock;
  readonly #timers: SipTimers;
  readonly #resolver: Resolver;
  readonly #udp: UdpTransport;
  readonly #streams: StreamTransport;
  readonly #ticker = new RtpTicker();
  readonly #pending = new Map<string, Pending>();
  readonly #calls = new Map<string, OutgoingCall>();
  readonly #responses = new Map<string, KeptResponse | 'Proceeding'>();
  #responseBytes = 0;
  readonly #stops = new Set<() => void>();
  readonly #onStray: (text: string) => void;
  readonly #core: CallCore;
  #closing: Promise<void> | undefined;
  #callEnded = () => {};

  constructor(options: UserAgentOptions) {
    this.#allow = options.allow;
    this.#clock = this.#stoppable(options.clock ?? SYSTEM_CLOCK);
    this.#timers = options.timers ?? DEFAULT_TIMERS;
    this.#resolver = options.resolver ?? SYSTEM_RESOLVER;
    this.#onStray = (text) => options.onStray?.(text);
    const { loopbackOnly } = options.allow;
    const events = {
      received: (arrival: Arrival) => this.#received(arrival),
      unreachable: (peer: Endpoint & Pick<Hop, 'transport'>, code: string) => this.#unreachable(peer, code),
    };
    this.#udp = new UdpTransport({ port: options.port ?? 0, loopbackOnly }, events);
    this.#streams = new StreamTransport(
      {
        listenAt: async () => ({
          address: loopbackOnly ? '127.0.0.1' : '0.0.0.0',
          port: await this.#udp.port(),
        }),
        tls: options.tls ?? {},
        allows: (address) => this.#allow.allows(address),
      },
      events,
    );
    this.#core = {
      clock: this.#clock,
      timers: this.#timers,
      allow: this.#allow,
      keepAliveMs: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
      localEndpoint: async () => ({
        address: hostAddress(loopbackOnly),
        // Even without a socket, there is a cause to report.
        port: await this.#udp.port().catch(() => options.port || 5060),
      }),
      locate: (nextHop) => this.#locate(nextHop),
      open: (target) => this.#open(target),
      request: (request, hop, capture, user) => this.#request(request, hop, capture, user),
      send,
      openMedia: (address) => this.#openMedia(address),
      forget: (callId) => this.#calls.delete(callId),
    };
  }

  /** How many calls have not ended. */
  get liveCalls(): number {
    return [...this.#calls.values()].filter((call) => !call.hasEnded).length;
  }

  /**
   * Places a call. Events are never reported before this returns.
   *
   * @throws {Error} when the user agent is closed.
   */
  invite(input: InviteInput, events: CallEvents): OutgoingCall {
    if (this.#closing !== undefined) throw new Error('the SIP user agent is closed');
    const call = new OutgoingCall(this.#core, input, {
      ringing: () => events.ringing(),
      answered: () => events.answered(),
      ended: (end) => {
        events.ended(end);
        this.#callEnded();
      },
    });
    this.#calls.set(call.callId, call);
    queueMicrotask(() => void call.start().catch((error: unknown) => call.fail(error)));
    return call;
  }

  /**
   * Sends OPTIONS and returns the first response within `withinMs`, provisional or final, of the first address that
   * responds. A failure that never reached the wire is reported with our own status, as in a capture: 408, 478, 503 or
   * 403.
   */
  async ping(nextHop: HostPort & Partial<Pick<NextHop, 'transport'>>, withinMs: number): Promise<PingResult> {
    const { transport = 'udp', ...host } = nextHop;
    const deadline = this.#clock.now() + withinMs;
    let result: PingResult = {
      by: 'local',
      status: 408,
      reasonPhrase: `No response from ${formatHostPort(host)}`,
    };
    try {
      for (const target of await this.#locate({ ...host, transport })) {
        result = await this.#pingTarget(host, target, deadline - this.#clock.now());
        if (result.by === 'remote' || this.#clock.now() >= deadline) return result;
      }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return { by: 'local', status: error.status, reasonPhrase: error.message };
    }
    return result;
  }

  /**
   * Ends all existing calls with BYE or CANCEL, gives the far ends a moment to respond, and frees every socket and
   * timer. Every call's `ended` has been reported before this resolves.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const call of this.#calls.values()) call.hangup();
    await new Promise<void>((resolve) => {
      const check = () => {
        if (this.liveCalls === 0) resolve();
      };
      this.#callEnded = check;
      this.#clock.after(Math.min(MAX_CLOSE_MS, timerB(this.#timers)), resolve);
      check();
    });
    for (const call of [...this.#calls.values()]) call.abandon();
    // Anything that is still waiting, such as a health check, gets its response now.
    for (const { transaction } of [...this.#pending.values()]) transaction.transportFailed('closed');
    for (const stop of this.#stops) stop();
    await this.#streams.close();
    await this.#udp.close();
  }

  /** A clock whose tasks end with the user agent. */
  #stoppable(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      after: (ms, task) => {
        const stop = clock.after(ms, () => {
          this.#stops.delete(stop);
          task();
        });
        this.#stops.add(stop);
        return () => {
          this.#stops.delete(stop);
          stop();
        };
      },
    };
  }

  async #locate(nextHop: NextHop): Promise<Target[]> {
    let targets: Target[];
    try {
      targets = await locateServer(nextHop, this.#resolver);
    } catch (error) {
      if (!(error instanceof NoAddressError)) throw error;
      throw new UnreachableError(478, error.message, { cause: error });
    }
    const allowed = targets.filter(({ address }) => this.#allow.allowsHost(nextHop.host, address));
    if (allowed.length === 0)
      throw new UnreachableError(403, `SIP_ALLOW does not name ${formatHostPort(nextHop)}`);
    return allowed;
  }

  async #open(target: Target): Promise<Hop> {
    const { name, transport } = target;
    try {
      return transport === 'udp'
        ? await this.#udp.acquire(target)
        : await this.#streams.acquire(target, transport, name);
    } catch (error) {
      throw new UnreachableError(503, transportFailureText(target, errorCodeOf(error), name), {
        cause: error,
      });
    }
  }

  async #openMedia(address: string): Promise<RtpSession> {
    const allows = (from: string) => this.#allow.allows(from);
    try {
      return await RtpSession.open({ clock: this.#clock, ticker: this.#ticker, address, allows });
    } catch (error) {
      throw new UnreachableError(500, `No media ports can be opened (${errorCodeOf(error)})`, {
        cause: error,
      });
    }
  }

  async #pingTarget(host: HostPort, target: Target, withinMs: number): Promise<PingResult> {
    const timedOut = {
      by: 'local',
      status: 408,
      reasonPhrase: `No response from ${formatEndpoint(target)}`,
    } as const;
    let hop: Hop;
    try {
      hop = await this.#open(target);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return { by: 'local', status: error.status, reasonPhrase: error.message };
    }
    const { promise, resolve } = Promise.withResolvers<PingResult>();
    const transaction = this.#request(optionsRequest(host, hop), hop, new CallCapture(this.#clock), {
      response: ({ reason, status }) => resolve({ by: 'remote', status, reasonPhrase: reason }),
      failed: (failure) =>
        resolve(
          failure.kind === 'timeout'
            ? timedOut
            : {
                by: 'local',
                status: 503,
                reasonPhrase: transportFailureText(target, failure.code, host.host),
              },
        ),
    });
    const stopWaiting = this.#clock.after(withinMs, () => resolve(timedOut));
    const result = await promise;
    stopWaiting();
    transaction.dispose();
    hop.release();
    return result;
  }

  #request(
    request: OutgoingRequest,
    hop: Hop,
    capture: CallCapture,
    user: Partial<TransactionUser>,
  ): ClientTransaction {
    const key = keyOf(request);
    const options = {
      request,
      isReliable: hop.transport !== 'udp',
      send: (bytes: Uint8Array) =>
        send(bytes, hop, capture, (code) => queueMicrotask(() => transaction.transportFailed(code))),
      clock: this.#clock,
      timers: this.#timers,
      user,
      terminated: () => this.#pending.delete(key),
    };
    const transaction =
      request.method === 'INVITE'
        ? new InviteClientTransaction(options)
        : new NonInviteClientTransaction(options);
    this.#pending.set(key, { transaction, hop, capture });
    transaction.start();
    return transaction;
  }

  /**
   * An ICMP error does not say which request it is about, so it ends only those to that address and port that have had
   * no response at all (RFC 3261 §17.1.4): a ringing phone keeps ringing while its proxy restarts.
   */
  #unreachable(peer: Endpoint & Pick<Hop, 'transport'>, code: string): void {
    for (const { hop, transaction } of [...this.#pending.values()]) {
      const isThere =
        hop.address === peer.address && hop.port === peer.port && hop.transport === peer.transport;
      if (isThere && transaction.isUnanswered) transaction.transportFailed(code);
    }
  }

  #received(arrival: Arrival): void {
    const { bytes, source } = arrival;
    if (!this.#allow.allows(source.address)) return;
    // Keep-alives: empty lines, and the zeros and blanks that some send (RFC 5626 §3.5.1).
    if (bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0x20 || byte === 0)) return;
    let call: OutgoingCall | undefined;
    try {
      const message = parseMessage(bytes);
      call = this.#calls.get(message.callId);
      if (message.kind === 'response') this.#responseReceived(message, arrival);
      else this.#requestReceived(message, arrival);
    } catch (error) {
      if (error instanceof SipSyntaxError) this.#unreadableReceived(arrival, error);
      else if (call !== undefined) call.fail(error);
      else
        this.#onStray(`Internal error (${errorCodeOf(error)}) on a message from ${formatEndpoint(source)}.`);
    }
  }

  /** Captures a message that cannot be parsed, and rejects it if it is a request (RFC 3261 §8.2, §21.4.1). */
  #unreadableReceived(arrival: Arrival, error: SipSyntaxError): void {
    const { bytes, source, transport } = arrival;
    const message = readUnreadable(decodeMessage(bytes));
    const call = message.callId === undefined ? undefined : this.#calls.get(message.callId);
    const local = call?.localEndpoint ?? arrival.local;
    const why = `not understood: ${error.message}`;
    if (call === undefined) this.#onStray(`From ${formatEndpoint(source)}, ${why}`);
    else {
      call.capture.message({ transport, source, destination: local, bytes, understood: false, why });
      call.capture.note(`A message from ${formatEndpoint(source)} was ${why}.`);
    }
    if (message.kind !== 'request' || message.method?.toUpperCase() === 'ACK') return;
    const rejection = rejectionOf(message, source, error);
    if (rejection === undefined) return;
    const destination = arrival.respond(rejection, source.port);
    call?.capture.message({ transport, source: local, destination, bytes: rejection });
  }

  #responseReceived(response: SipResponse, arrival: Arrival): void {
    const [via, ...others] = response.vias;
    const branch = via.parameters.get('branch');
    const call = this.#calls.get(response.callId);
    const discard = (why: string, capture = call?.capture) => {
      const { reason, status } = response;
      const text = `Discarded ${status} ${reason} (${response.cseq.number} ${response.cseq.method}) from ${formatEndpoint(arrival.source)}: ${why}.`;
      if (capture === undefined) this.#onStray(text);
      else capture.note(text);
    };
    // A response with another Via below ours is not meant for us (RFC 3261 §8.1.3.3).
    if (others.length > 0) {
      discard('it has more than one Via');
      return;
    }
    if (branch === undefined) {
      discard('its Via has no branch');
      return;
    }
    const pending = this.#pending.get(`${branch} ${response.cseq.method}`);
    const request = pending?.transaction.request ?? call?.inviteOf(branch, response.cseq.number);
    if (request === undefined) {
      discard('its branch does not belong to any request of ours');
      return;
    }
    const mismatch = mismatchOf(request, response);
    if (mismatch !== undefined) {
      discard(mismatch, pending?.capture ?? call?.capture);
      return;
    }
    const capture = pending?.capture ?? call?.capture;
    const local = pending?.hop.local ?? call?.localEndpoint ?? arrival.local;
    const { bytes, source, transport } = arrival;
    capture?.message({ transport, source, destination: local, bytes });
    if (pending !== undefined) pending.transaction.receive(response);
    else if (response.status >= 200 && response.status < 300) call?.succeededLate(response);
  }

  #requestReceived(request: SipRequest, arrival: Arrival): void {
    const { bytes, source, transport } = arrival;
    const call = this.#calls.get(request.callId);
    const local = call?.localEndpoint ?? arrival.local;
    call?.capture.message({ transport, source, destination: local, bytes });
    if (request.method === 'ACK') {
      // Nothing here waits for the ACK of a rejection: a retransmitted request is simply rejected again.
      if (call === undefined) this.#onStray(`From ${formatEndpoint(source)}, an ACK outside a call`);
      else call.acknowledged(request);
      return;
    }
    const key = serverKeyOf(request, source, request.method);
    const kept = this.#responses.get(key);
    if (kept === 'Proceeding') return;
    if (kept !== undefined) {
      this.#respond(request, kept.bytes, arrival, call);
      return;
    }
    this.#keepResponse(key, 'Proceeding');
    const respond = ({ after, ...response }: IncomingRequestResponse) => {
      const responded = responseBytes(request, source, { toTag: newToken(), ...response });
      this.#keepResponse(key, { bytes: responded });
      if (call === undefined) {
        this.#onStray(`From ${formatEndpoint(source)}, ${request.method} outside a call: ${response.status}`);
      }
      this.#respond(request, responded, arrival, call);
      after?.(() => this.#respond(request, responded, arrival, call));
    };
    const failed = (error: unknown) => {
      const text = `Internal error (${errorCodeOf(error)}) on ${request.method} from ${formatEndpoint(source)}.`;
      if (call === undefined) this.#onStray(text);
      else call.capture.note(text);
    };
    void this.#responseTo(request, source, call)
      .then(respond)
      .catch((error: unknown) => {
        failed(error);
        // Otherwise it has its response, and only what was to follow has failed.
        if (this.#responses.get(key) === 'Proceeding') respond(INTERNAL_ERROR);
      })
      .catch(failed);
  }

  async #responseTo(
    request: SipRequest,
    source: Endpoint,
    call: OutgoingCall | undefined,
  ): Promise<IncomingRequestResponse> {
    if (request.method === 'CANCEL') {
      // The request that it cancels already has its final response (§9.2).
      const isKnown = this.#responses.has(serverKeyOf(request, source, 'INVITE'));
      return isKnown ? { status: 200, reason: 'OK' } : NO_SUCH_CALL;
    }
    const required = headerValues(request, 'Require')
      .flatMap((value) => value.split(',').map((tag) => tag.trim()))
      .filter((tag) => tag !== '');
    // They are sent back.
    if (!required.every(isToken)) {
      return { status: 400, reason: 'Bad Request (Require is not a list of option tags)' };
    }
    const unsupported = required.filter((tag) => !SUPPORTED_EXTENSIONS.includes(tag.toLowerCase()));
    if (unsupported.length > 0) {
      return {
        status: 420,
        reason: 'Bad Extension',
        headers: unsupported.map((value) => ({ name: 'Unsupported', value })),
      };
    }
    if (call !== undefined) return await call.receive(request);
    if (tagOf(request.to) !== undefined || request.method === 'BYE') return NO_SUCH_CALL;
    const headers = [
      { name: 'Allow', value: ALLOWED_METHODS },
      { name: 'Accept', value: 'application/sdp' },
      { name: 'Supported', value: SUPPORTED_EXTENSIONS.join(', ') },
    ];
    if (request.method === 'OPTIONS') return { status: 200, reason: 'OK', headers };
    if (request.method === 'INVITE') return { status: 403, reason: 'Calls Not Accepted' };
    return { status: 405, reason: 'Method Not Allowed', headers };
  }

  #respond(request: SipRequest, bytes: Uint8Array, arrival: Arrival, call: OutgoingCall | undefined): void {
    const destination = arrival.respond(bytes, responsePort(request, arrival.source));
    const source = call?.localEndpoint ?? arrival.local;
    call?.capture.message({ transport: arrival.transport, source, destination, bytes });
  }

  #keepResponse(key: string, response: KeptResponse | 'Proceeding'): void {
    const isNew = !this.#responses.has(key);
    this.#forgetResponse(key);
    this.#responses.set(key, response);
    this.#responseBytes += sizeOf(response);
    if (isNew) this.#clock.after(timerB(this.#timers), () => this.#forgetResponse(key));
    while (this.#responses.size > MAX_KEPT_RESPONSES || this.#responseBytes > MAX_KEPT_RESPONSE_BYTES) {
      const [oldest] = this.#responses.keys();
      if (oldest === undefined) return;
      this.#forgetResponse(oldest);
    }
  }

  #forgetResponse(key: string): void {
    const response = this.#responses.get(key);
    if (response === undefined) return;
    this.#responses.delete(key);
    this.#responseBytes -= sizeOf(response);
  }
}

function sizeOf(response: KeptResponse | 'Proceeding'): number {
  return response === 'Proceeding' ? 0 : response.bytes.byteLength;
}

function keyOf({ branch, method }: OutgoingRequest): string {
  return `${branch} ${method}`;
}

/** Returns a key that identifies a request and its retransmissions (RFC 3261 §17.2.3). */
function serverKeyOf(request: SipRequest, { address, port }: Endpoint, method: string): string {
  const branch = request.vias[0].parameters.get('branch') ?? 'none';
  return `${address} ${port} ${branch} ${request.callId} ${request.cseq.number} ${method}`;
}

/**
 * Returns which part of a response does not match the request with the same branch, if any (RFC 3261 §8.1.3, §12.1.2,
 * §18.1.2).
 */
function mismatchOf(request: OutgoingRequest, response: SipResponse): string | undefined {
  const [via] = response.vias;
  const sentBy = { address: via.host, port: via.port ?? 5060 };
  if (sentBy.address !== request.sentBy.address || sentBy.port !== request.sentBy.port) {
    return `its Via was not sent by us but by ${formatEndpoint(sentBy)}`;
  }
  if (response.callId !== request.callId) return 'its Call-ID is not that of the request';
  if (response.cseq.number !== request.cseq) return `its CSeq is not ${request.cseq}`;
  if (tagOf(response.from) !== request.localTag) return 'its From tag is not ours';
  return undefined;
}

function send(bytes: Uint8Array, hop: Hop, capture: CallCapture, failed?: (code: string) => void): void {
  const destination = { address: hop.address, port: hop.port };
  capture.message({ transport: hop.transport, source: hop.local, destination, bytes });
  hop.send(bytes, failed);
}

/** Returns our address as seen by others: loopback, or this machine's first external address. */
function hostAddress(loopbackOnly: boolean): string {
  const external = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return loopbackOnly || external === undefined ? '127.0.0.1' : external.address;
}

function optionsRequest(host: HostPort, hop: Hop): OutgoingRequest {
  const branch = newBranch();
  const callId = newToken();
  const localTag = newToken();
  const uri = `sip:${formatHostPort(host)}`;
  return {
    method: 'OPTIONS',
    uri,
    branch,
    sentBy: hop.local,
    callId,
    localTag,
    cseq: 1,
    headers: [
      viaHeader(hop.local, hop.transport, branch),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<sip:${formatHostPort({ host: hop.local.address })}>;tag=${localTag}` },
      { name: 'To', value: `<sip:${formatHostPort({ host: host.host })}>` },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: '1 OPTIONS' },
      contactHeader(hop.local, hop.transport),
      { name: 'User-Agent', value: USER_AGENT },
      { name: 'Accept', value: 'application/sdp' },
    ],
  };
}
