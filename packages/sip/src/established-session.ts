import { randomInt } from 'node:crypto';
import type { CallCapture } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import { familyOfAddress } from './ip-address.ts';
import { localResponse } from './local-response.ts';
import { headerValues, type SipHeader, type SipRequest, type SipResponse } from './message.ts';
import { ALLOWED_METHODS, contactHeader, SUPPORTED_EXTENSIONS } from './outgoing-request.ts';
import type { IncomingRequestResponse } from './response.ts';
import type { RtpSession } from './rtp-session.ts';
import {
  type Codec,
  formatAnswer,
  formatOffer,
  type LocalSession,
  listens,
  parseAudio,
  type RemoteAudio,
} from './session-description.ts';
import type { RequestOutcome, SessionDialog } from './session-dialog.ts';
import {
  expiresAfterMs,
  MIN_SESSION_SECONDS,
  refreshAfterMs,
  sessionTimerHeaders,
  sessionTimerIn,
} from './session-timer.ts';
import { timerB } from './timers.ts';
import { transportFailureText } from './transport.ts';

export type EstablishedSessionOptions = {
  core: CallCore;
  capture: CallCapture;
  session: SessionDialog;
  media: RtpSession;
  codecs: Codec[];
  local: LocalSession;
  /** The latest description of our side that the far end has received. */
  localBody: Uint8Array;
  /** Called when the far end is gone or does not refresh the session. The call ends for this reason. */
  lost(reason: string): void;
  /** Called with an error that nothing here expects. The call ends. */
  failed(error: unknown): void;
};

/**
 * An answered call: its media, re-INVITEs from both sides (RFC 3261 §14, RFC 3264 §8), session timer (RFC 4028) and,
 * because not every far end supports session timers, a check of whether the far end is alive.
 */
export class EstablishedSession {
  readonly #options: EstablishedSessionOptions;
  #local: LocalSession;
  #localBody: Uint8Array;
  #remote: RemoteAudio | undefined;
  /** Whether our own re-INVITE is pending, so that one from the far end would cross it (§14.2). */
  #isRefreshing = false;
  /** CSeq of the re-INVITE whose 200 has not been acknowledged yet. */
  #unacknowledged: { cseq: number; hasOurOffer: boolean } | undefined;
  #lastSignAt: number;
  #transportFailures = 0;
  #closed = false;
  #stopRetransmission = () => {};
  #stopSessionTimer = () => {};
  #stopWatch = () => {};

  constructor(options: EstablishedSessionOptions) {
    this.#options = options;
    this.#local = options.local;
    this.#localBody = options.localBody;
    this.#lastSignAt = options.core.clock.now();
  }

  /** Starts, from the 2xx, media, the session timer and the check for life. */
  start(response: SipResponse): void {
    this.#negotiated(parseAudio(response.body));
    this.#setSessionTimer(response, 'uac');
    this.#watchAfter(this.#options.core.keepAliveMs);
  }

  /** Stops media and timers. */
  close(): void {
    this.#closed = true;
    this.#stopRetransmission();
    this.#stopSessionTimer();
    this.#stopWatch();
    this.#options.media.pause();
  }

  /** Reports that something was received within the dialog. */
  signOfLife(): void {
    this.#lastSignAt = this.#options.core.clock.now();
    this.#transportFailures = 0;
  }

  /** Responds to a re-INVITE: session refresh, hold, changed media, or no offer at all (§14.2). */
  async receiveInvite(request: SipRequest): Promise<IncomingRequestResponse> {
    const { codecs, session } = this.#options;
    if (this.#isRefreshing || this.#unacknowledged?.hasOurOffer)
      return { status: 491, reason: 'Request Pending' };
    const timer = sessionTimerIn(headerValues(request, 'Session-Expires'));
    if (timer !== undefined && timer.seconds < MIN_SESSION_SECONDS) {
      return {
        status: 422,
        reason: 'Session Interval Too Small',
        headers: [{ name: 'Min-SE', value: String(MIN_SESSION_SECONDS) }],
      };
    }
    const hasOffer = request.body.byteLength > 0;
    const [contentType] = headerValues(request, 'Content-Type');
    if (hasOffer && contentType !== undefined && !/^application\/sdp\b/i.test(contentType)) {
      return {
        status: 415,
        reason: 'Unsupported Media Type',
        headers: [{ name: 'Accept', value: 'application/sdp' }],
      };
    }
    const next = { ...this.#local, version: this.#local.version + 1 };
    const answer = hasOffer ? formatAnswer(request.body, next) : undefined;
    if (hasOffer && answer === undefined) return { status: 488, reason: 'Not Acceptable Here' };
    const body = this.#describe(answer?.body ?? formatOffer(next, codecs), next);
    if (request.contacts.length > 0) {
      session.dialog.refreshTarget(request);
      session.targetRefreshed();
    }
    if (answer !== undefined) this.#negotiated(answer.remote);
    const { local, transport } = await session.hop();
    this.#unacknowledged = { cseq: request.cseq.number, hasOurOffer: !hasOffer };
    return {
      status: 200,
      reason: 'OK',
      headers: [
        contactHeader(local, transport),
        { name: 'Allow', value: ALLOWED_METHODS },
        { name: 'Supported', value: SUPPORTED_EXTENSIONS.join(', ') },
        ...this.#timerResponse(request),
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body,
      after: (again) => this.#retransmit(request.cseq.number, again),
    };
  }

  /** Handles the ACK of our 200 to a re-INVITE, which answers our offer if the re-INVITE had none. */
  acknowledged(ack: SipRequest): void {
    if (this.#unacknowledged?.cseq !== ack.cseq.number) return;
    this.#stopRetransmission();
    if (this.#unacknowledged.hasOurOffer) this.#negotiated(parseAudio(ack.body));
    this.#unacknowledged = undefined;
  }

  /** Keeps the version of our description unless it has changed (RFC 3264 §8). */
  #describe(body: Uint8Array, next: LocalSession): Uint8Array {
    const text = Buffer.from(body).toString();
    const unchanged = text.replace(originOf(next), originOf(this.#local));
    if (unchanged === Buffer.from(this.#localBody).toString()) return this.#localBody;
    this.#local = next;
    this.#localBody = body;
    return body;
  }

  #negotiated(remote: RemoteAudio | undefined): void {
    const { capture, core, media } = this.#options;
    const previous = this.#remote;
    this.#remote = remote;
    media.pause();
    if (remote === undefined) {
      capture.note('The answer agrees to no audio; no silence is sent.');
    } else if (remote.address !== '0.0.0.0' && !core.allow.allows(remote.address)) {
      capture.note(
        `Audio is wanted at ${remote.address}, which SIP_ALLOW does not name; no silence is sent.`,
      );
    } else if (familyOfAddress(remote.address) !== familyOfAddress(this.#local.address)) {
      capture.note(
        `Audio is wanted at ${remote.address}, which is of another IP version; no silence is sent.`,
      );
    } else {
      const sends = media.negotiated(remote);
      if (listens(remote) && !sends && previous?.codec !== remote.codec) {
        capture.note(`The far end chose ${remote.codec}, for which no silence can be sent.`);
      }
    }
  }

  /** Retransmits our 200 until the ACK arrives (§13.3.1.4). */
  #retransmit(cseq: number, again: () => void): void {
    const { capture, core } = this.#options;
    const { clock, timers } = core;
    this.#stopRetransmission();
    const startedAt = clock.now();
    const repeatAfter = (ms: number): void => {
      this.#stopRetransmission = clock.after(ms, () => {
        if (this.#unacknowledged?.cseq !== cseq) return;
        if (clock.now() - startedAt >= timerB(timers)) {
          capture.note('Our 200 to a re-INVITE was never acknowledged.');
          this.#options.lost('No ACK for our 200 to a re-INVITE');
          return;
        }
        again();
        repeatAfter(Math.min(ms * 2, timers.t2));
      });
    };
    repeatAfter(timers.t1);
  }

  /** Returns the session timer headers of our 200 to a refresh (RFC 4028 §9). */
  #timerResponse(request: SipRequest): SipHeader[] {
    const timer = sessionTimerIn(headerValues(request, 'Session-Expires'));
    if (timer === undefined) {
      this.#stopSessionTimer();
      return [];
    }
    const refresher = timer.refresher ?? 'uac';
    this.#startSessionTimer(timer.seconds, refresher === 'uas');
    return [
      ...sessionTimerHeaders(timer.seconds, undefined, refresher),
      ...(refresher === 'uac' ? [{ name: 'Require', value: 'timer' }] : []),
    ];
  }

  /** Sets the session timer from a 2xx to our INVITE; without Session-Expires there is none (RFC 4028 §7.2). */
  #setSessionTimer(response: SipResponse, fallback: 'uac' | 'uas'): void {
    const timer = sessionTimerIn(headerValues(response, 'Session-Expires'));
    if (timer === undefined || timer.seconds === 0) this.#stopSessionTimer();
    else this.#startSessionTimer(timer.seconds, (timer.refresher ?? fallback) === 'uac');
  }

  #startSessionTimer(seconds: number, weRefresh: boolean): void {
    const { clock } = this.#options.core;
    this.#stopSessionTimer();
    const expire = () => {
      this.#options.capture.note(`The session was not refreshed within its ${seconds} s.`);
      this.#options.lost('The session was not refreshed');
    };
    const stopExpiry = clock.after(weRefresh ? seconds * 1_000 : expiresAfterMs(seconds), expire);
    const stopRefresh = weRefresh
      ? clock.after(refreshAfterMs(seconds), () => this.#inBackground(this.#refresh(seconds, undefined)))
      : () => {};
    this.#stopSessionTimer = () => {
      stopExpiry();
      stopRefresh();
    };
  }

  /** Refreshes the session with a re-INVITE that changes nothing (RFC 4028 §7.4). */
  async #refresh(seconds: number, minSeconds: number | undefined): Promise<void> {
    const { core, session } = this.#options;
    if (this.#closed || this.#isRefreshing) return;
    if (this.#unacknowledged !== undefined) {
      core.clock.after(core.timers.t1, () => this.#inBackground(this.#refresh(seconds, minSeconds)));
      return;
    }
    this.#isRefreshing = true;
    const outcome = await session.request('INVITE', {
      headers: [
        { name: 'Allow', value: ALLOWED_METHODS },
        { name: 'Supported', value: SUPPORTED_EXTENSIONS.join(', ') },
        ...sessionTimerHeaders(seconds, minSeconds, 'uac'),
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body: this.#localBody,
    });
    this.#isRefreshing = false;
    if (this.#closed && 'failure' in outcome) return;
    await this.#refreshed(outcome, seconds, minSeconds);
  }

  async #refreshed(outcome: RequestOutcome, seconds: number, minSeconds: number | undefined): Promise<void> {
    const { capture, core, lost, session } = this.#options;
    if ('failure' in outcome) {
      this.#inBackground(this.#reportFailure(outcome));
      lost('No response to a session refresh');
      return;
    }
    const { request, response } = outcome;
    this.signOfLife();
    if (response.status < 300) {
      session.dialog.refreshTarget(response);
      if (response.contacts.length > 0) session.targetRefreshed();
      await session.acknowledge(request);
      if (this.#closed) return;
      this.#negotiated(parseAudio(response.body));
      this.#setSessionTimer(response, 'uac');
    } else if (response.status === 491) {
      // The side that generated the Call-ID waits longer (§14.1).
      core.clock.after(randomInt(2_100, 4_001), () => this.#inBackground(this.#refresh(seconds, minSeconds)));
    } else if (response.status === 422) {
      const min = sessionTimerIn(headerValues(response, 'Min-SE'))?.seconds;
      if (min !== undefined && min > seconds) await this.#refresh(min, min);
    } else if (response.status === 408 || response.status === 481) {
      lost(`${response.status} in response to a session refresh`);
    } else {
      capture.note(
        `A session refresh was rejected with ${response.status}; the session ends when its interval does.`,
      );
    }
  }

  #watchAfter(ms: number): void {
    const { core, media } = this.#options;
    this.#stopWatch = core.clock.after(ms, () => {
      const last = Math.max(this.#lastSignAt, media.lastReceivedAt ?? 0);
      const left = core.keepAliveMs - (core.clock.now() - last);
      if (left > 0) this.#watchAfter(left);
      else this.#inBackground(this.#probe());
    });
  }

  /** Checks with OPTIONS whether the far end is still there (RFC 3261 §11; §12.2.1.2 for what ends the dialog). */
  async #probe(): Promise<void> {
    const { core, lost, session } = this.#options;
    const outcome = await session.request('OPTIONS', {
      headers: [{ name: 'Accept', value: 'application/sdp' }],
    });
    if (this.#closed) return;
    if ('response' in outcome) {
      const { status } = outcome.response;
      if (status === 408 || status === 481) {
        lost(`${status} in response to OPTIONS`);
        return;
      }
      this.signOfLife();
      this.#watchAfter(core.keepAliveMs);
      return;
    }
    this.#inBackground(this.#reportFailure(outcome));
    this.#transportFailures += 1;
    // A proxy that restarts rejects requests for a moment; a call survives that once.
    if (outcome.failure.kind === 'transport' && this.#transportFailures === 1) {
      this.#stopWatch = core.clock.after(core.keepAliveMs / 3, () => this.#inBackground(this.#probe()));
    } else {
      lost('No response to OPTIONS');
    }
  }

  async #reportFailure({ failure, request }: Extract<RequestOutcome, { failure: unknown }>): Promise<void> {
    const { capture, session } = this.#options;
    const hop = await session.hop();
    const [status, reason] =
      failure.kind === 'timeout'
        ? [408, `No response to ${request.method}`]
        : [503, transportFailureText(hop, failure.code)];
    const bytes = localResponse(request, hop.local, status, reason);
    capture.message({ transport: hop.transport, source: hop.local, destination: hop.local, bytes });
  }

  /** Runs a step that nothing waits for; an error in it ends the call. */
  #inBackground(step: Promise<void>): void {
    void step.catch((error: unknown) => this.#options.failed(error));
  }
}

function originOf({ id, version }: LocalSession): string {
  return `o=- ${id} ${version} `;
}
