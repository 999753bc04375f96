import type { AllowList } from './allow-list.ts';
import { CallCapture, type Endpoint } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import {
  type ClientTransaction,
  startClientTransaction,
  type TransactionUser,
} from './client-transaction.ts';
import { type Clock, systemClock } from './clock.ts';
import { headerValues, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { allowedMethods, type CallEvents, type InviteOrder, OutgoingCall } from './outgoing-call.ts';
import { newBranch, newToken, type OutgoingRequest, viaHeader } from './outgoing-request.ts';
import { messageIn } from './parse-message.ts';
import { type Destination, type Resolver, resolveHost, systemResolver } from './resolve-host.ts';
import { type Answer, responseBytes, responsePort } from './response.ts';
import { RtpSilence } from './rtp-silence.ts';
import { defaultTimers, giveUpAfter, type SipTimers } from './timers.ts';
import { type Hop, UdpTransport } from './udp-transport.ts';
import { UnreachableError } from './unreachable-error.ts';
import { formatHostPort, type HostPort } from './uri.ts';

export type { Credentials } from './digest.ts';
export type { CallEvents, InviteOrder, OutgoingCall } from './outgoing-call.ts';
export type { Resolver } from './resolve-host.ts';

export type UserAgentOptions = {
  allow: AllowList;
  /** Our UDP port; 0, the default, takes any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  resolver?: Resolver;
};

/** What a health check found: the provider's response, or why there is none (`by: 'local'`). */
export type PingResult = { by: 'remote' | 'local'; status: number; reasonPhrase: string };

type Pending = { transaction: ClientTransaction; hop: Hop; capture: CallCapture };

/** Responses that are kept for requests that come again (timer J, RFC 3261 17.2.2). */
const mostKeptResponses = 10_000;

/** A SIP user agent over UDP that places calls and takes none (RFC 3261). */
export class UserAgent {
  readonly #allow: AllowList;
  readonly #clock: Clock;
  readonly #timers: SipTimers;
  readonly #resolver: Resolver;
  readonly #transport: UdpTransport;
  readonly #pending = new Map<string, Pending>();
  readonly #calls = new Map<string, OutgoingCall>();
  readonly #responses = new Map<string, Uint8Array>();
  readonly #media = new Map<4 | 6, Promise<RtpSilence>>();
  readonly #stops = new Set<() => void>();
  readonly #core: CallCore;
  #closing: Promise<void> | undefined;
  #callEnded = () => {};

  constructor(options: UserAgentOptions) {
    this.#allow = options.allow;
    this.#clock = this.#stoppable(options.clock ?? systemClock);
    this.#timers = options.timers ?? defaultTimers;
    this.#resolver = options.resolver ?? systemResolver;
    const { loopbackOnly } = options.allow;
    this.#transport = new UdpTransport(
      { port: options.port ?? 0, loopbackOnly },
      { packet: (bytes, from) => this.#packet(bytes, from), unreachable: (hop) => this.#unreachable(hop) },
    );
    this.#core = {
      clock: this.#clock,
      timers: this.#timers,
      allow: this.#allow,
      localEndpoint: () => this.#transport.localEndpoint(),
      reach: (target) => this.#reach(target),
      request: (request, hop, capture, user) => this.#request(request, hop, capture, user),
      send: (bytes, hop, capture) => send(bytes, hop, capture),
      media: (family) => this.#silence(family),
      forget: (callId) => this.#calls.delete(callId),
    };
  }

  /** Calls that have not ended. */
  get liveCalls(): number {
    return [...this.#calls.values()].filter((call) => !call.ended).length;
  }

  /** Places a call. Events come later, never from within. Throws when the user agent is closed. */
  invite(order: InviteOrder, events: CallEvents): OutgoingCall {
    if (this.#closing !== undefined) throw new Error('the SIP user agent is closed');
    const call = new OutgoingCall(this.#core, order, {
      ringing: () => events.ringing(),
      answered: () => events.answered(),
      ended: (end) => {
        events.ended(end);
        this.#callEnded();
      },
    });
    this.#calls.set(call.callId, call);
    queueMicrotask(() => void call.start());
    return call;
  }

  /**
   * Sends OPTIONS and returns the first response within `withinMs`, provisional or final. What never reached the wire
   * is reported with our own status, as in a capture: 408, 478, 503 or 403.
   */
  async ping(target: HostPort, withinMs: number): Promise<PingResult> {
    let hop: Hop;
    try {
      hop = await this.#reach(target);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return { by: 'local', status: error.status, reasonPhrase: error.message };
    }
    const where = formatHostPort({ host: hop.address, port: hop.port });
    const timedOut = { by: 'local', status: 408, reasonPhrase: `No response from ${where}` } as const;
    const closed = { by: 'local', status: 503, reasonPhrase: `${where} refuses UDP (ECONNREFUSED)` } as const;
    const { promise, resolve } = Promise.withResolvers<PingResult>();
    const transaction = this.#request(optionsRequest(target, hop), hop, new CallCapture(this.#clock), {
      response: ({ status, reason }) => resolve({ by: 'remote', status, reasonPhrase: reason }),
      failed: (why) => resolve(why === 'timeout' ? timedOut : closed),
    });
    const stopWaiting = this.#clock.after(withinMs, () => resolve(timedOut));
    const result = await promise;
    stopWaiting();
    transaction.stop();
    hop.release();
    return result;
  }

  /** Hangs up what still stands, gives the far ends a moment to say so, and frees every socket and timer. */
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
      this.#clock.after(Math.min(2_000, giveUpAfter(this.#timers)), resolve);
      check();
    });
    for (const call of [...this.#calls.values()]) call.abandon();
    // Whoever still waits, such as a health check, gets its answer now.
    for (const { transaction } of [...this.#pending.values()]) transaction.transportFailed();
    for (const stop of this.#stops) stop();
    for (const media of this.#media.values()) await media.then((silence) => silence.close()).catch(() => {});
    await this.#transport.close();
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

  async #reach(target: HostPort): Promise<Hop> {
    const written = formatHostPort(target);
    let destination: Destination;
    try {
      destination = await resolveHost(target, this.#resolver);
    } catch {
      throw new UnreachableError(478, `${written} has no address`);
    }
    if (!this.#allow.allowsHost(target.host, destination.address))
      throw new UnreachableError(403, `SIP_ALLOW does not name ${written}`);
    try {
      return await this.#transport.acquire(destination);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UnreachableError(503, `${written} cannot be reached (${why})`, { cause: error });
    }
  }

  #request(
    request: OutgoingRequest,
    hop: Hop,
    capture: CallCapture,
    user: Partial<TransactionUser>,
  ): ClientTransaction {
    const key = `${request.branch} ${request.method}`;
    const transaction = startClientTransaction(
      { request, send: (bytes) => send(bytes, hop, capture), clock: this.#clock, timers: this.#timers },
      {
        response: (response) => user.response?.(response),
        failed: (why) => user.failed?.(why),
        over: () => {
          this.#pending.delete(key);
          user.over?.();
        },
      },
    );
    this.#pending.set(key, { transaction, hop, capture });
    return {
      ...transaction,
      stop: () => {
        this.#pending.delete(key);
        transaction.stop();
      },
    };
  }

  #silence(family: 4 | 6): Promise<RtpSilence> {
    const existing = this.#media.get(family);
    if (existing !== undefined) return existing;
    const addresses = this.#allow.loopbackOnly ? { 4: '127.0.0.1', 6: '::1' } : { 4: '0.0.0.0', 6: '::' };
    const opening = RtpSilence.open(addresses[family]);
    this.#media.set(family, opening);
    return opening;
  }

  /** Only those who wait for an answer from there are concerned: a call that stands may outlive a restart of its proxy. */
  #unreachable(hop: Destination): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.hop.address === hop.address && pending.hop.port === hop.port)
        pending.transaction.transportFailed();
    }
  }

  #packet(bytes: Uint8Array, from: Destination): void {
    if (!this.#allow.allows(from.address)) return;
    const message = messageIn(bytes);
    if (message === undefined) return;
    if (message.kind === 'response') this.#response(message, bytes, from);
    else this.#incoming(message, bytes, from);
  }

  #response(response: SipResponse, bytes: Uint8Array, from: Destination): void {
    // A response with another Via under ours is not meant for us (RFC 3261 8.1.3.3).
    if (response.vias.length > 1) return;
    const branch = response.vias[0].parameters.get('branch') ?? '';
    const pending = this.#pending.get(`${branch} ${response.cseq.method}`);
    if (pending !== undefined) {
      received(pending.capture, from, pending.hop.local, bytes);
      pending.transaction.receive(response);
      return;
    }
    const call = this.#calls.get(response.callId);
    if (call === undefined || response.cseq.method !== 'INVITE' || Math.floor(response.status / 100) !== 2)
      return;
    if (call.local !== undefined) received(call.capture, from, call.local, bytes);
    call.succeeded(response);
  }

  #incoming(request: SipRequest, bytes: Uint8Array, from: Destination): void {
    const call = this.#calls.get(request.callId);
    if (call?.local !== undefined) received(call.capture, from, call.local, bytes);
    // Nothing of ours waits for an ACK: what we refuse is refused again when it comes again.
    if (request.method === 'ACK') return;
    const branch = request.vias[0].parameters.get('branch') ?? '';
    const key = `${from.address} ${from.port} ${branch} ${request.callId} ${request.cseq.number} ${request.method}`;
    const kept = this.#responses.get(key);
    if (kept !== undefined) {
      this.#respond(request, kept, from, call);
      return;
    }
    const { after, ...answer } = this.#answer(request, call);
    const response = responseBytes(request, from, { toTag: newToken(), ...answer });
    this.#keepResponse(key, response);
    this.#respond(request, response, from, call);
    after?.();
  }

  #answer(request: SipRequest, call: OutgoingCall | undefined): Answer & { after?: () => void } {
    const required = headerValues(request, 'Require');
    if (request.method === 'CANCEL') return { status: 481, reason: 'Call/Transaction Does Not Exist' };
    if (required.length > 0) {
      return {
        status: 420,
        reason: 'Bad Extension',
        headers: required.map((value) => ({ name: 'Unsupported', value })),
      };
    }
    if (call !== undefined) return call.receive(request);
    if (tagOf(request.to) !== undefined || request.method === 'BYE') {
      return { status: 481, reason: 'Call/Transaction Does Not Exist' };
    }
    const headers = [{ name: 'Allow', value: allowedMethods }];
    if (request.method === 'OPTIONS') return { status: 200, reason: 'OK', headers };
    if (request.method === 'INVITE') return { status: 403, reason: 'Takes No Calls' };
    return { status: 405, reason: 'Method Not Allowed', headers };
  }

  #respond(request: SipRequest, bytes: Uint8Array, from: Destination, call: OutgoingCall | undefined): void {
    const to = { address: from.address, port: responsePort(request, from) };
    if (call?.local !== undefined) {
      call.capture.message({ transport: 'udp', source: call.local, destination: to, bytes });
    }
    void this.#transport.respond(bytes, to);
  }

  #keepResponse(key: string, response: Uint8Array): void {
    const [oldest] = this.#responses.keys();
    if (this.#responses.size >= mostKeptResponses && oldest !== undefined) this.#responses.delete(oldest);
    this.#responses.set(key, response);
    this.#clock.after(giveUpAfter(this.#timers), () => this.#responses.delete(key));
  }
}

function received(capture: CallCapture, from: Destination, local: Endpoint, bytes: Uint8Array): void {
  const source = { address: from.address, port: from.port };
  capture.message({ transport: 'udp', source, destination: local, bytes });
}

function send(bytes: Uint8Array, hop: Hop, capture: CallCapture): void {
  const destination = { address: hop.address, port: hop.port };
  capture.message({ transport: 'udp', source: hop.local, destination, bytes });
  hop.send(bytes);
}

function optionsRequest(target: HostPort, hop: Hop): OutgoingRequest {
  const branch = newBranch();
  const local = { host: hop.local.address, port: hop.local.port };
  const uri = `sip:${formatHostPort(target)}`;
  return {
    method: 'OPTIONS',
    uri,
    branch,
    cseq: 1,
    headers: [
      viaHeader(local, branch),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<sip:${formatHostPort(local)}>;tag=${newToken()}` },
      { name: 'To', value: `<${uri}>` },
      { name: 'Call-ID', value: newToken() },
      { name: 'CSeq', value: '1 OPTIONS' },
      { name: 'Contact', value: `<sip:${formatHostPort(local)}>` },
      { name: 'Accept', value: 'application/sdp' },
    ],
  };
}
