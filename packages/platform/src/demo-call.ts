import type { Endpoint } from '@provider-call/sip/call-capture';
import type { Clock } from '@provider-call/sip/clock';
import { Dialog } from '@provider-call/sip/dialog';
import type { SipRequest, SipResponse } from '@provider-call/sip/message';
import { tagOf } from '@provider-call/sip/name-address';
import { NonInviteClientTransaction } from '@provider-call/sip/non-invite-client-transaction';
import type { ResponseInit } from '@provider-call/sip/response';
import { type SipTimers, timerB } from '@provider-call/sip/timers';
import type { DemoBehaviour } from './demo-behaviour.ts';

/** Milliseconds: the first two from the INVITE, `talkMs` from the answer. */
export type DemoTimes = { ringAfterMs: number; answerAfterMs: number; talkMs: number };

export type DemoCallOptions = {
  request: SipRequest;
  behaviour: Exclude<DemoBehaviour, { kind: 'challenge' }>;
  mediaPort: number;
  local: Endpoint;
  clock: Clock;
  timers: SipTimers;
  times: DemoTimes;
  respond(request: SipRequest, response: ResponseInit): void;
  send(bytes: Uint8Array): void;
  ended(): void;
};

/** One call accepted by the demo carrier: the server side of INVITE (RFC 3261 §13.3, §17.2.1) and the dialog after it. */
export class DemoCall {
  readonly #options: DemoCallOptions;
  readonly #tag: string;
  #state: 'Early' | 'Rejected' | 'Answered' | 'Confirmed' | 'Terminating' = 'Early';
  #lastResponse: ResponseInit = { status: 100, reason: 'Trying' };
  #bye: NonInviteClientTransaction | undefined;
  #stops: (() => void)[] = [];

  constructor(options: DemoCallOptions) {
    this.#options = options;
    this.#tag = options.request.callId.slice(0, 32).replace(/[^A-Za-z0-9]/g, '') || 'demo';
  }

  start(): void {
    const { behaviour, times } = this.#options;
    this.#respond({ status: 100, reason: 'Trying' });
    if (behaviour.kind === 'reject') {
      this.#after(times.ringAfterMs, () =>
        this.#final('Rejected', { status: behaviour.status, reason: behaviour.reason }),
      );
      return;
    }
    this.#after(times.ringAfterMs, () => this.#respond({ status: 180, reason: 'Ringing' }));
    if (behaviour.kind === 'answer') this.#after(times.answerAfterMs, () => this.#answer());
  }

  /** Handles a request with this call's Call-ID. Returns false when it belongs to another INVITE or another dialog. */
  receive(request: SipRequest): boolean {
    const { request: invite, respond } = this.#options;
    switch (request.method) {
      case 'INVITE':
        if (request.cseq.number !== invite.cseq.number) return false;
        // A retransmitted INVITE gets the last response again (§17.2.1).
        respond(invite, this.#lastResponse);
        return true;
      case 'ACK':
        if (request.cseq.number === invite.cseq.number) this.#acknowledged();
        return true;
      case 'CANCEL':
        respond(request, { status: 200, reason: 'OK', toTag: this.#tag });
        if (this.#state === 'Early') this.#final('Rejected', { status: 487, reason: 'Request Terminated' });
        return true;
      case 'BYE':
        if (tagOf(request.to) !== this.#tag) return false;
        respond(request, { status: 200, reason: 'OK' });
        if (this.#state !== 'Terminating') this.#finish();
        return true;
      default:
        return false;
    }
  }

  responseReceived(response: SipResponse): void {
    if (response.cseq.method === 'BYE') this.#bye?.receive(response);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#bye?.dispose();
  }

  #after(ms: number, task: () => void): void {
    this.#stops.push(this.#options.clock.after(ms, task));
  }

  #respond(response: ResponseInit): void {
    this.#lastResponse = { toTag: this.#tag, ...response };
    this.#options.respond(this.#options.request, this.#lastResponse);
  }

  #answer(): void {
    const { local, mediaPort } = this.#options;
    const sdp = [
      'v=0',
      `o=- 1 1 IN IP4 ${local.address}`,
      's=-',
      `c=IN IP4 ${local.address}`,
      't=0 0',
      `m=audio ${mediaPort} RTP/AVP 0`,
      'a=rtpmap:0 PCMU/8000',
      '',
    ].join('\r\n');
    this.#final('Answered', {
      status: 200,
      reason: 'OK',
      headers: [
        { name: 'Contact', value: `<sip:${local.address}:${local.port}>` },
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body: Buffer.from(sdp),
    });
  }

  /** Sends the final response and retransmits it until the ACK arrives (§13.3.1.4, timer G). */
  #final(state: 'Rejected' | 'Answered', response: ResponseInit): void {
    const { timers } = this.#options;
    this.stop();
    this.#state = state;
    this.#respond(response);
    const retransmit = (ms: number) =>
      this.#after(ms, () => {
        this.#respond(response);
        retransmit(Math.min(ms * 2, timers.t2));
      });
    retransmit(timers.t1);
    this.#after(timerB(timers), () => this.#finish());
  }

  #acknowledged(): void {
    const { behaviour, times } = this.#options;
    if (this.#state === 'Rejected') {
      this.#finish();
    } else if (this.#state === 'Answered') {
      this.stop();
      this.#state = 'Confirmed';
      if (behaviour.kind === 'answer' && !behaviour.waits) this.#after(times.talkMs, () => this.#hangUp());
    }
  }

  #hangUp(): void {
    const { clock, local, request, send, timers } = this.#options;
    this.#state = 'Terminating';
    const bye = Dialog.ofServer(request, this.#tag).createRequest('BYE', local, 'udp');
    const done = () => this.#finish();
    // Sent to where the INVITE came from, whatever its Contact says: the carrier only talks to its callers.
    this.#bye = new NonInviteClientTransaction({
      request: bye,
      isReliable: false,
      send,
      clock,
      timers,
      user: { response: (response) => response.status >= 200 && done(), failed: done },
      terminated() {},
    });
    this.#bye.start();
  }

  #finish(): void {
    this.stop();
    this.#options.ended();
  }
}
