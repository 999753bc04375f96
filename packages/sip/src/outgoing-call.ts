import { CallCapture, type Endpoint } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import { type CallEnd, hangupReasonOf } from './call-end.ts';
import type { ClientTransaction, TransactionFailure } from './client-transaction.ts';
import { Dialog } from './dialog.ts';
import { type Credentials, DigestSession } from './digest.ts';
import { EstablishedSession } from './established-session.ts';
import { localResponse } from './local-response.ts';
import type { NextHop, Target } from './locate-server.ts';
import { EMPTY_BODY, headerValues, type SipHeader, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import {
  ALLOWED_METHODS,
  cancelOf,
  contactHeader,
  formatEndpoint,
  newBranch,
  newToken,
  type OutgoingRequest,
  requestBytes,
  SUPPORTED_EXTENSIONS,
  USER_AGENT,
  viaHeader,
} from './outgoing-request.ts';
import { type IncomingRequestResponse, NO_SUCH_CALL } from './response.ts';
import type { RtpSession } from './rtp-session.ts';
import type { RtpStatistics } from './rtp-statistics.ts';
import { codecsNamed, formatOffer, type LocalSession } from './session-description.ts';
import { SessionDialog } from './session-dialog.ts';
import { DEFAULT_SESSION_SECONDS, sessionTimerHeaders, sessionTimerIn } from './session-timer.ts';
import { timerB } from './timers.ts';
import { errorCodeOf, type Hop, transportFailureText, UnreachableError } from './transport.ts';
import type { HostPort } from './uri.ts';

/** A call to place; all but the last fields come from `planInvite`. */
export type InviteInput = {
  /** Where the INVITE is sent, whatever its Request-URI says; over UDP unless specified otherwise. */
  nextHop: HostPort & Partial<Pick<NextHop, 'transport'>>;
  requestUri: string;
  /** From without its tag. */
  from: string;
  to: string;
  headers: SipHeader[];
  /** The plan's remarks for the capture, such as a substituted transport. */
  notes?: string[];
  /** The provider's codecs, such as `PCMU,PCMA`. */
  codecs: string;
  credentials: Credentials | undefined;
  /** Milliseconds from the INVITE to the answer. */
  dialTimeoutMs: number;
  /** Milliseconds from the answer to the end. */
  maxDurationMs: number;
  /** Where the call's messages are recorded; calls that try one provider after another share a capture. */
  capture?: CallCapture;
};

/** What the user agent reports about a call. `ended` is called once; messages may still be captured after it. */
export type CallEvents = {
  ringing(): void;
  answered(): void;
  ended(end: CallEnd): void;
};

/** RFC 3261 §18.1.1: a larger request goes over a transport with congestion control. */
const MAX_UDP_REQUEST_BYTES = 1_300;
// With more phones than this behind a forking proxy, it is no longer a phone call.
const MAX_DIALOGS = 8;
const MAX_EARLY_TAGS = 32;
const MAX_INTERVAL_ATTEMPTS = 3;
/** For an ended call, which reports nothing any more. */
const NO_EVENTS: CallEvents = { ringing() {}, answered() {}, ended() {} };

/**
 * One INVITE and everything that follows, up to the end of its dialog (RFC 3261 §9, §12, §13, §15).
 *
 * Starting (finding the path) → Inviting → Answered → Terminating (our BYE has been sent) → Terminated. A call that is
 * given up before the answer stays in `Inviting` until the INVITE has its final response, because a 200 may cross the
 * CANCEL and then needs an ACK and a BYE.
 */
export class OutgoingCall {
  readonly callId = newToken();
  readonly capture: CallCapture;
  readonly #core: CallCore;
  readonly #input: InviteInput;
  #events: CallEvents;
  readonly #digest: DigestSession;
  readonly #localTag = newToken();
  readonly #dialogs = new Map<string | undefined, SessionDialog>();
  readonly #earlyTags = new Set<string>();
  /** Branches of our INVITEs, so that a late or repeated response to one of them is recognized. */
  readonly #branches = new Map<string, OutgoingRequest>();
  #state: 'Starting' | 'Inviting' | 'Answered' | 'Terminating' | 'Terminated' = 'Starting';
  #targets: Target[] = [];
  #hop: Hop | undefined;
  #media: RtpSession | undefined;
  /** What the media's counters came to, once the call has ended. */
  #statistics: RtpStatistics | undefined;
  #local: LocalSession | undefined;
  #offer: Uint8Array = EMPTY_BODY;
  #sequence = 1;
  #sessionSeconds = DEFAULT_SESSION_SECONDS;
  #minSessionSeconds: number | undefined;
  #intervalAttempts = 0;
  #invite: OutgoingRequest | undefined;
  #transaction: ClientTransaction | undefined;
  #isProceeding = false;
  #isRinging = false;
  /** Why we give up before the answer. */
  #givingUp: 'cancel' | 'dialout' | undefined;
  #primary: SessionDialog | undefined;
  #established: EstablishedSession | undefined;
  #stopTimer: () => void;

  constructor(core: CallCore, input: InviteInput, events: CallEvents) {
    this.#core = core;
    this.#input = input;
    this.#events = events;
    this.#digest = new DigestSession(input.credentials);
    this.capture = input.capture ?? new CallCapture(core.clock);
    this.#stopTimer = core.clock.after(input.dialTimeoutMs, () => this.#giveUp('dialout'));
  }

  get hasEnded(): boolean {
    return this.#state === 'Terminated';
  }

  /** Our own address, once a path has been found. */
  get localEndpoint(): Endpoint | undefined {
    return this.#hop?.local;
  }

  /** Returns the counters of the call's media ports, or undefined if it had none. */
  statistics(): RtpStatistics | undefined {
    return this.#media?.statistics() ?? this.#statistics;
  }

  /** Finds the path and sends the INVITE. */
  async start(): Promise<void> {
    for (const note of this.#input.notes ?? []) this.capture.note(note);
    const { transport = 'udp', ...host } = this.#input.nextHop;
    try {
      this.#targets = await this.#core.locate({ ...host, transport });
    } catch (error) {
      await this.#unreachable(error, transport);
      this.#end({ by: 'local', reason: 'failed' });
      return;
    }
    await this.#inviteNextTarget({ by: 'local', reason: 'failed' });
  }

  /** Sends CANCEL before the answer, BYE after it. Repeated calls have no effect. */
  hangup(): void {
    if (this.#state === 'Answered') this.#hangUpAnswered({ by: 'local', reason: 'normal' });
    else this.#giveUp('cancel');
  }

  /** Ends the call without another message on the wire, because the process is ending. */
  abandon(): void {
    const wasAnswered = this.#primary !== undefined;
    this.#end({ by: 'local', reason: wasAnswered ? 'normal' : (this.#givingUp ?? 'cancel') });
    this.#dispose();
  }

  /**
   * Ends the call after an error that nothing here expects, which concerns neither other calls nor the process. In case
   * the far end is still there, it is sent CANCEL or BYE.
   */
  fail(error: unknown): void {
    const why = `Internal error (${errorCodeOf(error)})`;
    this.capture.note(this.hasEnded ? `${why} after the call's end.` : `${why}; the call ends.`);
    const session = this.#state === 'Answered' ? this.#primary : undefined;
    if (this.#state === 'Inviting' && this.#isProceeding) this.#cancelInvite();
    this.#end({ by: 'local', reason: 'failed' });
    if (session !== undefined) this.#inBackground(session.bye());
  }

  /** Returns our INVITE with this branch and CSeq, if a response to it may still arrive. */
  inviteOf(branch: string, cseq: number): OutgoingRequest | undefined {
    const invite =
      this.#branches.get(branch) ??
      [...this.#dialogs.values()]
        .map((session) => session.inviteOf(branch))
        .find((found) => found !== undefined);
    return invite?.cseq === cseq ? invite : undefined;
  }

  /** Handles a 2xx to the INVITE outside its transaction: a retransmission, or one from another fork. */
  succeededLate(response: SipResponse): void {
    const known = this.#dialogs.get(tagOf(response.to));
    if (known !== undefined) known.acknowledgeAgain(response.cseq.number);
    else if (response.cseq.number === this.#invite?.cseq) this.#succeeded(response);
  }

  /** Handles an ACK from the far end for a 200 of ours. */
  acknowledged(ack: SipRequest): void {
    this.#established?.signOfLife();
    this.#established?.acknowledged(ack);
  }

  /** Handles a request from the far end within this call. */
  async receive(request: SipRequest): Promise<IncomingRequestResponse> {
    const remoteTag = tagOf(request.from);
    if (tagOf(request.to) !== this.#localTag) return NO_SUCH_CALL;
    const allow = { name: 'Allow', value: ALLOWED_METHODS };
    const capabilities = [
      allow,
      { name: 'Accept', value: 'application/sdp' },
      { name: 'Supported', value: SUPPORTED_EXTENSIONS.join(', ') },
    ];
    const session = this.#dialogs.get(remoteTag);
    if (session === undefined) {
      const isEarly = remoteTag !== undefined && this.#earlyTags.has(remoteTag);
      if (!isEarly) return NO_SUCH_CALL;
      if (request.method === 'OPTIONS') return { status: 200, reason: 'OK', headers: capabilities };
      // Our own INVITE is still pending (§14.2).
      if (request.method === 'INVITE') return { status: 491, reason: 'Request Pending' };
      return request.method === 'BYE'
        ? NO_SUCH_CALL
        : { status: 405, reason: 'Method Not Allowed', headers: [allow] };
    }
    const { dialog } = session;
    if (dialog.remoteSequence !== undefined && request.cseq.number <= dialog.remoteSequence) {
      return { status: 500, reason: 'CSeq Out of Order' };
    }
    dialog.remoteSequence = request.cseq.number;
    const isPrimary = session === this.#primary;
    if (isPrimary) this.#established?.signOfLife();
    switch (request.method) {
      case 'BYE':
        return { status: 200, reason: 'OK', after: () => this.#byeReceived(session) };
      case 'INVITE':
        // A dialog that is being ended, or belongs to another fork, accepts no new media.
        if (!isPrimary || this.#established === undefined || this.#state !== 'Answered') {
          return { status: 488, reason: 'Not Acceptable Here' };
        }
        return await this.#established.receiveInvite(request);
      case 'OPTIONS':
        return { status: 200, reason: 'OK', headers: capabilities };
      default:
        return { status: 405, reason: 'Method Not Allowed', headers: [allow] };
    }
  }

  /** Sends the INVITE to the first target that can be reached; if there is none, the call ends with `end`. */
  async #inviteNextTarget(end: CallEnd): Promise<void> {
    if (this.hasEnded) return;
    for (let target = this.#targets.shift(); target !== undefined; target = this.#targets.shift()) {
      try {
        const hop = await this.#openFor(target);
        if (this.hasEnded || this.#givingUp !== undefined) {
          hop.release();
          this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel' });
          return;
        }
        this.#hop?.release();
        this.#hop = hop;
        await this.#offerMedia(hop);
        if (this.hasEnded) return;
        this.#state = 'Inviting';
        this.#sendInvite(hop);
        return;
      } catch (error) {
        await this.#unreachable(error, target.transport);
      }
    }
    this.#end(end);
  }

  /** Opens the path over the target's transport, or over TCP if the INVITE is too large for UDP (§18.1.1). */
  async #openFor(target: Target): Promise<Hop> {
    const hop = await this.#core.open(target);
    if (target.transport !== 'udp') return hop;
    try {
      await this.#offerMedia(hop);
    } catch (error) {
      hop.release();
      throw error;
    }
    return await this.#pathForSize(hop);
  }

  /** Sends the INVITE to the same server again. With credentials it may have become too large for UDP. */
  async #inviteAgain(hop: Hop): Promise<void> {
    const path = await this.#pathForSize(hop);
    if (this.hasEnded || this.#givingUp !== undefined) {
      if (path !== hop) path.release();
      this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel' });
      return;
    }
    this.#hop = path;
    this.#sendInvite(path);
  }

  async #pathForSize(hop: Hop): Promise<Hop> {
    const { byteLength } = requestBytes(this.#createInvite(hop, false));
    if (hop.transport !== 'udp' || byteLength <= MAX_UDP_REQUEST_BYTES) return hop;
    try {
      const { address, port } = hop;
      const reliable = await this.#core.open({ address, port, transport: 'tcp', name: address });
      this.capture.note(`The INVITE has ${byteLength} bytes and is sent over TCP instead of UDP.`);
      hop.release();
      return reliable;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      this.capture.note(`The INVITE has ${byteLength} bytes but is sent over UDP: ${error.message}.`);
      return hop;
    }
  }

  async #offerMedia(hop: Hop): Promise<void> {
    if (this.hasEnded || (this.#media !== undefined && this.#local?.address === hop.local.address)) return;
    this.#media?.close();
    this.#media = undefined;
    const media = await this.#core.openMedia(hop.local.address);
    this.#media = media;
    if (this.hasEnded) {
      media.close();
      return;
    }
    const { codecs, unknown } = codecsNamed(this.#input.codecs);
    if (unknown.length > 0 && this.#local === undefined) {
      const offered = codecs.map(({ name }) => name).join(', ');
      this.capture.note(`Codecs that cannot be offered: ${unknown.join(', ')}. Offered: ${offered}.`);
    }
    const id = Math.floor(this.#core.clock.now());
    this.#local = { id, version: 1, address: hop.local.address, port: media.port };
    this.#offer = formatOffer(this.#local, codecs);
  }

  #createInvite({ local, transport }: Pick<Hop, 'local' | 'transport'>, isSent: boolean): OutgoingRequest {
    const { from, headers, requestUri, to } = this.#input;
    const branch = newBranch();
    const hasOwnUserAgent = headers.some(({ name }) => name.toLowerCase() === 'user-agent');
    return {
      method: 'INVITE',
      uri: requestUri,
      branch,
      sentBy: local,
      callId: this.callId,
      localTag: this.#localTag,
      cseq: this.#sequence,
      headers: [
        viaHeader(local, transport, branch),
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `${from};tag=${this.#localTag}` },
        { name: 'To', value: to },
        { name: 'Call-ID', value: this.callId },
        { name: 'CSeq', value: `${this.#sequence} INVITE` },
        contactHeader(local, transport),
        ...this.#digest.headers('INVITE', requestUri, isSent),
        { name: 'Allow', value: ALLOWED_METHODS },
        { name: 'Supported', value: SUPPORTED_EXTENSIONS.join(', ') },
        ...sessionTimerHeaders(this.#sessionSeconds, this.#minSessionSeconds),
        ...(hasOwnUserAgent ? [] : [{ name: 'User-Agent', value: USER_AGENT }]),
        ...headers,
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body: this.#offer,
    };
  }

  /** Sends the INVITE. Its CSeq does not change if the same request is tried at another address (§8.1.2). */
  #sendInvite(hop: Hop): void {
    const invite = this.#createInvite(hop, true);
    this.#isProceeding = false;
    this.#invite = invite;
    this.#branches.set(invite.branch, invite);
    this.#transaction = this.#core.request(invite, hop, this.capture, {
      response: (response) => this.#responseReceived(response, hop),
      failed: (failure) => this.#inBackground(this.#inviteFailed(invite, hop, failure)),
    });
  }

  async #inviteFailed(invite: OutgoingRequest, hop: Hop, failure: TransactionFailure): Promise<void> {
    const { host } = this.#input.nextHop;
    // Another address has answered meanwhile.
    if (this.#state !== 'Inviting') return;
    if (failure.kind === 'timeout') {
      this.#reportLocally(invite, hop, 408, `No response from ${formatEndpoint(hop)}`);
    } else {
      this.#reportLocally(invite, hop, 503, transportFailureText(hop, failure.code, host));
    }
    if (this.#givingUp !== undefined) this.#end({ by: 'local', reason: this.#givingUp });
    else await this.#inviteNextTarget({ by: 'local', reason: 'failed' });
  }

  #responseReceived(response: SipResponse, hop: Hop): void {
    if (this.hasEnded) {
      // The INVITE had been given up, and now somebody has answered (§13.2.2.4).
      if (response.status >= 200 && response.status < 300) this.#succeeded(response);
    } else if (response.status < 200) {
      this.#provisional(response);
    } else if (response.status < 300) {
      this.#succeeded(response);
    } else if (this.#state !== 'Inviting') {
      // Another address has answered meanwhile.
    } else if (this.#givingUp !== undefined) {
      this.#end({ by: 'local', reason: this.#givingUp, sipStatus: response.status });
    } else {
      this.#rejected(response, hop);
    }
  }

  #provisional(response: SipResponse): void {
    const isFirst = !this.#isProceeding;
    this.#isProceeding = true;
    const tag = tagOf(response.to);
    if (tag !== undefined && this.#earlyTags.size < MAX_EARLY_TAGS) this.#earlyTags.add(tag);
    if (this.#state !== 'Inviting') {
      if (isFirst) this.#cancelInvite();
    } else if (this.#givingUp !== undefined) {
      if (isFirst) this.#sendCancel();
    } else if (response.status === 180 && !this.#isRinging) {
      this.#isRinging = true;
      this.#events.ringing();
    }
  }

  /**
   * Handles a final response of 300 or more: tries again with what it asks for, tries the next address, or ends the
   * call.
   */
  #rejected(response: SipResponse, hop: Hop): void {
    const { reason: phrase, status } = response;
    const end: CallEnd = { by: 'remote', reason: hangupReasonOf(status), sipStatus: status };
    const challenge = this.#digest.accept(response);
    if (challenge.shouldRepeat || this.#takesLongerInterval(response)) {
      this.#sequence += 1;
      this.#inBackground(this.#inviteAgain(hop));
      return;
    }
    if (challenge.problem !== undefined) this.#reportOnInvite(hop, status, challenge.problem);
    if (status < 400) {
      const targets = headerValues(response, 'Contact').join(', ');
      const target = targets === '' ? '' : ` to ${targets}`;
      this.#reportOnInvite(hop, status, `Redirect not followed: ${phrase}${target}`);
    }
    // RFC 3263 §4.3: a server that is out of service has others behind the same name.
    if (status === 503 && this.#targets.length > 0) this.#inBackground(this.#inviteNextTarget(end));
    else this.#end(end);
  }

  /** Handles a 422, which asks for a longer session interval (RFC 4028 §7.3). */
  #takesLongerInterval(response: SipResponse): boolean {
    if (response.status !== 422) return false;
    const min = sessionTimerIn(headerValues(response, 'Min-SE'))?.seconds;
    this.#intervalAttempts += 1;
    if (min === undefined || min <= this.#sessionSeconds || this.#intervalAttempts > MAX_INTERVAL_ATTEMPTS)
      return false;
    this.#sessionSeconds = min;
    this.#minSessionSeconds = min;
    return true;
  }

  #succeeded(response: SipResponse): void {
    const invite = this.#invite;
    const hop = this.#hop;
    const remoteTag = tagOf(response.to);
    if (invite === undefined || hop === undefined) return;
    if (this.#dialogs.size >= MAX_DIALOGS) {
      this.capture.note(`A 2xx of more than ${MAX_DIALOGS} far ends is not acknowledged.`);
      return;
    }
    const dialog = Dialog.ofClient(invite, response);
    const { routingProblem } = response;
    const session = new SessionDialog(this.#core, this.capture, this.#digest, dialog, {
      fallback: hop,
      routingProblem,
    });
    this.#dialogs.set(remoteTag, session);
    if (remoteTag !== undefined) this.#earlyTags.delete(remoteTag);
    const acknowledged = session.acknowledge(invite);
    if (this.#state === 'Inviting' && this.#givingUp === undefined) {
      this.#inBackground(this.#answeredBy(session, acknowledged, response));
    } else this.#inBackground(this.#turnDown(session, acknowledged, response.status));
  }

  async #answeredBy(
    session: SessionDialog,
    acknowledged: Promise<boolean>,
    response: SipResponse,
  ): Promise<void> {
    this.#state = 'Answered';
    this.#primary = session;
    this.#stopTimer();
    if (this.#transaction?.isTerminated === false && this.#isProceeding) this.#cancelInvite();
    const isAsRequested = await acknowledged;
    if (this.#state !== 'Answered') return;
    if (!isAsRequested) {
      this.#hangUpAnswered({ by: 'local', reason: 'failed' });
      return;
    }
    const { clock } = this.#core;
    this.#stopTimer = clock.after(this.#input.maxDurationMs, () =>
      this.#hangUpAnswered({ by: 'local', reason: 'timeout' }),
    );
    this.#establish(session, response);
    this.#events.answered();
  }

  #establish(session: SessionDialog, response: SipResponse): void {
    if (this.#media === undefined || this.#local === undefined) return;
    this.#established = new EstablishedSession({
      core: this.#core,
      capture: this.capture,
      session,
      media: this.#media,
      codecs: codecsNamed(this.#input.codecs).codecs,
      local: this.#local,
      localBody: this.#offer,
      lost: (reason) => this.#lost(reason),
      failed: (error) => this.fail(error),
    });
    this.#established.start(response);
  }

  /** Ends the call at once because the far end is gone; a BYE is sent in case somebody still receives it. */
  #lost(reason: string): void {
    const session = this.#primary;
    if (this.#state !== 'Answered' || session === undefined) return;
    this.capture.note(`${reason}; the call ends.`);
    this.#end({ by: 'local', reason: 'failed' });
    this.#inBackground(session.bye());
  }

  /** Hangs up a 2xx that is no longer wanted: it crossed our CANCEL, came too late, or another fork was first. */
  async #turnDown(session: SessionDialog, acknowledged: Promise<boolean>, sipStatus: number): Promise<void> {
    const hasCrossed = this.#state === 'Inviting';
    if (hasCrossed) {
      this.#state = 'Terminating';
      this.#stopTimer();
    }
    await acknowledged;
    await session.bye();
    if (hasCrossed) this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel', sipStatus });
  }

  #giveUp(reason: 'cancel' | 'dialout'): void {
    if ((this.#state !== 'Starting' && this.#state !== 'Inviting') || this.#givingUp !== undefined) return;
    this.#givingUp = reason;
    this.#stopTimer();
    if (this.#state === 'Starting') queueMicrotask(() => this.#end({ by: 'local', reason }));
    // A CANCEL that overtakes its INVITE would have no effect, so it waits for a provisional response (RFC 3261 §9.1).
    else if (this.#isProceeding) this.#sendCancel();
  }

  /** Cancels the pending INVITE because another address, tried before, has answered late. */
  #cancelInvite(): void {
    if (this.#invite === undefined || this.#hop === undefined) return;
    this.#core.request(cancelOf(this.#invite), this.#hop, this.capture, {});
  }

  #sendCancel(): void {
    const { clock, timers } = this.#core;
    this.#cancelInvite();
    // Not every far end responds to a cancelled INVITE (RFC 3261 §9.1).
    this.#stopTimer = clock.after(timerB(timers), () =>
      this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel' }),
    );
  }

  #hangUpAnswered(end: CallEnd): void {
    if (this.#state !== 'Answered' || this.#primary === undefined) return;
    this.#state = 'Terminating';
    this.#stopTimer();
    this.#established?.close();
    this.#inBackground(this.#primary.bye().then(() => this.#end(end)));
  }

  #byeReceived(session: SessionDialog): void {
    // Both sides may hang up at the same time; then our own BYE is still pending, and its response ends the call.
    if (session === this.#primary && this.#state === 'Answered')
      this.#end({ by: 'remote', reason: 'normal' });
  }

  async #unreachable(error: unknown, transport: Hop['transport']): Promise<void> {
    if (!(error instanceof UnreachableError)) throw error;
    const local = await this.#core.localEndpoint();
    if (this.hasEnded) return;
    const invite = this.#createInvite({ local, transport }, false);
    this.#reportLocally(invite, { local, transport }, error.status, error.message);
  }

  #reportOnInvite(hop: Hop, status: number, reason: string): void {
    if (this.#invite !== undefined) this.#reportLocally(this.#invite, hop, status, reason);
  }

  /**
   * Captures a failure that never reached the wire, as the response that an edge proxy of ours would have sent to us.
   */
  #reportLocally(
    request: OutgoingRequest,
    { local, transport }: Pick<Hop, 'local' | 'transport'>,
    status: number,
    reason: string,
  ): void {
    const bytes = localResponse(request, local, status, reason);
    this.capture.message({ transport, source: local, destination: local, bytes });
  }

  #end(end: CallEnd): void {
    if (this.hasEnded) return;
    this.#state = 'Terminated';
    this.#stopTimer();
    this.#established?.close();
    this.#media?.close();
    this.#statistics = this.#media?.statistics();
    this.#events.ended(end);
    // A late or forked 2xx still has to be acknowledged and turned down (RFC 3261 §13.2.2.4). Nothing else is kept until
    // then: thousands of calls may have ended within that time.
    this.#events = NO_EVENTS;
    this.#media = undefined;
    this.#established = undefined;
    if (this.#transaction?.isTerminated) this.#transaction = undefined;
    this.#stopTimer = this.#core.clock.after(timerB(this.#core.timers), () => this.#dispose());
  }

  /** Runs a step that nothing waits for; an error in it ends the call. */
  #inBackground(step: Promise<void>): void {
    void step.catch((error: unknown) => this.fail(error));
  }

  #dispose(): void {
    this.#stopTimer();
    this.#transaction?.dispose();
    this.#hop?.release();
    for (const session of this.#dialogs.values()) session.release();
    this.#core.forget(this.callId);
  }
}
