import { type ClientTransaction, startClientTransaction } from './client-transaction.ts';
import type { Clock } from './clock.ts';
import type { DemoBehaviour } from './demo-behaviour.ts';
import { type Dialog, requestInDialog } from './dialog.ts';
import { headerValues, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import type { Destination } from './resolve-host.ts';
import type { Answer } from './response.ts';
import { giveUpAfter, type SipTimers } from './timers.ts';

/** Milliseconds, from the INVITE and, for the last one, from the answer. */
export type DemoTimes = { ringAfterMs: number; answerAfterMs: number; talkMs: number };

export type DemoCallSetting = {
  request: SipRequest;
  behaviour: Exclude<DemoBehaviour, { kind: 'challenge' }>;
  mediaPort: number;
  local: Destination;
  clock: Clock;
  timers: SipTimers;
  times: DemoTimes;
  respond(request: SipRequest, answer: Answer): void;
  send(bytes: Uint8Array): void;
  over(): void;
};

/** One call that the demo carrier takes: the server side of INVITE (RFC 3261 13.3, 17.2.1) and the dialog after it. */
export class DemoCall {
  readonly #setting: DemoCallSetting;
  readonly #tag: string;
  #state: 'early' | 'refused' | 'answered' | 'talking' | 'ending' = 'early';
  #last: Answer = { status: 100, reason: 'Trying' };
  #bye: ClientTransaction | undefined;
  #stops: (() => void)[] = [];

  constructor(setting: DemoCallSetting) {
    this.#setting = setting;
    this.#tag = setting.request.callId.slice(0, 32).replace(/[^A-Za-z0-9]/g, '') || 'demo';
  }

  start(): void {
    const { behaviour, times } = this.#setting;
    this.#respond({ status: 100, reason: 'Trying' });
    if (behaviour.kind === 'refuse') {
      this.#after(times.ringAfterMs, () =>
        this.#final('refused', { status: behaviour.status, reason: behaviour.reason }),
      );
      return;
    }
    this.#after(times.ringAfterMs, () => this.#respond({ status: 180, reason: 'Ringing' }));
    if (behaviour.kind === 'answer') this.#after(times.answerAfterMs, () => this.#answer());
  }

  /** A request with this call's Call-ID. False when it belongs to another INVITE or another dialog. */
  receive(request: SipRequest): boolean {
    const { request: invite, respond } = this.#setting;
    switch (request.method) {
      case 'INVITE':
        if (request.cseq.number !== invite.cseq.number) return false;
        // A repeated INVITE is answered with what was said last (17.2.1).
        respond(invite, this.#last);
        return true;
      case 'ACK':
        if (request.cseq.number === invite.cseq.number) this.#acknowledged();
        return true;
      case 'CANCEL':
        respond(request, { status: 200, reason: 'OK', toTag: this.#tag });
        if (this.#state === 'early') this.#final('refused', { status: 487, reason: 'Request Terminated' });
        return true;
      case 'BYE':
        if (tagOf(request.to) !== this.#tag) return false;
        respond(request, { status: 200, reason: 'OK' });
        if (this.#state !== 'ending') this.#finish();
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
    this.#bye?.stop();
  }

  #after(ms: number, task: () => void): void {
    this.#stops.push(this.#setting.clock.after(ms, task));
  }

  #respond(answer: Answer): void {
    this.#last = { toTag: this.#tag, ...answer };
    this.#setting.respond(this.#setting.request, this.#last);
  }

  #answer(): void {
    const { local, mediaPort } = this.#setting;
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
    this.#final('answered', {
      status: 200,
      reason: 'OK',
      headers: [
        { name: 'Contact', value: `<sip:${local.address}:${local.port}>` },
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body: Buffer.from(sdp),
    });
  }

  /** Says the last word and repeats it until the ACK comes (13.3.1.4, timer G). */
  #final(state: 'refused' | 'answered', answer: Answer): void {
    const { timers } = this.#setting;
    this.stop();
    this.#state = state;
    this.#respond(answer);
    const repeat = (ms: number) =>
      this.#after(ms, () => {
        this.#respond(answer);
        repeat(Math.min(ms * 2, timers.t2));
      });
    repeat(timers.t1);
    this.#after(giveUpAfter(timers), () => this.#finish());
  }

  #acknowledged(): void {
    const { behaviour, times } = this.#setting;
    if (this.#state === 'refused') {
      this.#finish();
    } else if (this.#state === 'answered') {
      this.stop();
      this.#state = 'talking';
      if (behaviour.kind === 'answer' && !behaviour.waits) this.#after(times.talkMs, () => this.#hangUp());
    }
  }

  #hangUp(): void {
    const { clock, local, request, send, timers } = this.#setting;
    this.#state = 'ending';
    const dialog: Dialog = {
      callId: request.callId,
      localHeader: `${headerValues(request, 'To')[0] ?? ''};tag=${this.#tag}`,
      remoteHeader: headerValues(request, 'From')[0] ?? '',
      remoteTag: tagOf(request.from) ?? '',
      remoteTarget: request.contacts[0]?.uri ?? request.from.uri,
      routes: request.recordRoutes.map(({ uri }) => uri),
      localSequence: 0,
      remoteSequence: undefined,
    };
    const bye = requestInDialog(dialog, 'BYE', { host: local.address, port: local.port }, () => []);
    const done = () => this.#finish();
    // Sent to where the INVITE came from, whatever its Contact says: the carrier talks to its callers only.
    this.#bye = startClientTransaction(
      { request: bye, send, clock, timers },
      { response: (response) => response.status >= 200 && done(), failed: done, over() {} },
    );
  }

  #finish(): void {
    this.stop();
    this.#setting.over();
  }
}
