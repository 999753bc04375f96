import { isIP } from 'node:net';
import type { DialEnd, DialEvents } from '../../platform/src/dialer.ts';
import { hangupReasonOf } from '../../platform/src/hangup-reason.ts';
import { AnsweredLeg } from './answered-leg.ts';
import type { CallCore } from './call-core.ts';
import { CallTrace } from './call-trace.ts';
import type { ClientTransaction } from './client-transaction.ts';
import { dialogOf } from './dialog.ts';
import { type Credentials, DigestSession } from './digest.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { cancelOf, newBranch, newToken, type OutgoingRequest, viaHeader } from './outgoing-request.ts';
import type { Answer } from './response.ts';
import { agreedAudio, audioOffer } from './sdp.ts';
import { giveUpAfter } from './timers.ts';
import type { Hop } from './udp-transport.ts';
import { formatHostPort, type HostPort } from './uri.ts';

export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS';

/** A call to place. */
export type InviteOrder = {
  /** Where the INVITE goes, whatever its Request-URI says. */
  nextHop: HostPort;
  requestUri: string;
  /** From without its tag. */
  from: string;
  to: string;
  headers: SipHeader[];
  /** The provider's, such as `PCMU,PCMA`. */
  codecs: string;
  credentials: Credentials | undefined;
  dialTimeoutMs: number;
  maxDurationMs: number;
};

// A forking proxy in front of more phones than this is no phone call any more.
const mostLegs = 8;

/**
 * One INVITE and what becomes of it, up to the end of its dialog (RFC 3261 9, 12, 13, 15).
 *
 * starting (finding the way) → inviting → answered → ending (our BYE is out) → ended. Giving up before the answer stays
 * `inviting` until the INVITE has its final response, because a 200 may cross the CANCEL and then needs ACK and BYE.
 */
export class OutgoingCall {
  readonly callId: string;
  readonly trace: CallTrace;
  readonly #core: CallCore;
  readonly #order: InviteOrder;
  readonly #events: DialEvents;
  readonly #digest: DigestSession;
  readonly #localTag = newToken();
  readonly #legs = new Map<string, AnsweredLeg>();
  #state: 'starting' | 'inviting' | 'answered' | 'ending' | 'ended' = 'starting';
  #hop: Hop | undefined;
  #offer: Uint8Array = new Uint8Array();
  #sequence = 0;
  #invite: OutgoingRequest | undefined;
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #ringing = false;
  /** Why we want out before the answer. */
  #givingUp: 'cancel' | 'dialout' | undefined;
  #primary: AnsweredLeg | undefined;
  #stopTimer: () => void;
  #stopMedia = () => {};

  constructor(core: CallCore, order: InviteOrder, events: DialEvents) {
    this.callId = newToken();
    this.#core = core;
    this.#order = order;
    this.#events = events;
    this.#digest = new DigestSession(order.credentials);
    this.trace = new CallTrace(core.clock, (entry) => events.trace(entry));
    this.#stopTimer = core.clock.after(order.dialTimeoutMs, () => this.#giveUp('dialout'));
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Finds the way and sends the INVITE. */
  async start(): Promise<void> {
    try {
      const hop = await this.#core.reach(this.#order.nextHop);
      this.#hop = hop;
      const media = await this.#core.media(familyOf(hop.local.address));
      if (this.ended) {
        hop.release();
        return;
      }
      const local = { address: hop.local.address, port: media.port };
      this.#offer = audioOffer(local, this.#order.codecs, Math.floor(this.#core.clock.now()));
      this.#state = 'inviting';
      this.#sendInvite(hop);
    } catch (error) {
      this.trace.note(error instanceof Error ? error.message : String(error));
      this.#end({ by: 'local', reason: 'failed' });
    }
  }

  /** CANCEL before the answer, BYE after it. Asking twice is asking once. */
  hangup(): void {
    if (this.#state === 'answered') this.#hangUpAnswered({ by: 'local', reason: 'normal' });
    else this.#giveUp('cancel');
  }

  /** Ends without another word on the wire: the process goes. */
  abandon(): void {
    const answered = this.#primary !== undefined;
    this.#end({ by: 'local', reason: answered ? 'normal' : (this.#givingUp ?? 'cancel') });
    this.#dispose();
  }

  /** A 2xx to the INVITE: the answer, its repetition, or another fork's. */
  succeeded(response: SipResponse): void {
    const invite = this.#invite;
    const hop = this.#hop;
    if (invite === undefined || hop === undefined) return;
    const dialog = dialogOf(invite, response);
    const known = this.#legs.get(dialog.remoteTag);
    if (known !== undefined) {
      known.acknowledgeAgain();
      return;
    }
    if (this.#legs.size >= mostLegs) return;
    const leg = new AnsweredLeg(this.#core, this.trace, this.#digest, dialog, hop);
    this.#legs.set(dialog.remoteTag, leg);
    const acknowledged = leg.acknowledge(invite);
    if (this.#state === 'inviting' && this.#givingUp === undefined)
      void this.#answeredBy(leg, acknowledged, response);
    else void this.#turnDown(leg, acknowledged, response.status);
  }

  /** A request of the far end within this call. `after` is for when the response has been sent. */
  receive(request: SipRequest): Answer & { after?: () => void } {
    const leg = this.#legs.get(tagOf(request.from) ?? '');
    if (leg === undefined || tagOf(request.to) !== this.#localTag) {
      return { status: 481, reason: 'Call/Transaction Does Not Exist' };
    }
    const { dialog } = leg;
    if (dialog.remoteSequence !== undefined && request.cseq.number <= dialog.remoteSequence) {
      return { status: 500, reason: 'CSeq Out of Order' };
    }
    dialog.remoteSequence = request.cseq.number;
    const allow = { name: 'Allow', value: allowedMethods };
    switch (request.method) {
      case 'BYE':
        return { status: 200, reason: 'OK', after: () => this.#byeReceived(leg) };
      case 'INVITE':
        // The media stay as agreed; the call goes on as it is (RFC 3261 14.2).
        return { status: 488, reason: 'Not Acceptable Here' };
      case 'OPTIONS':
        return { status: 200, reason: 'OK', headers: [allow] };
      default:
        return { status: 405, reason: 'Method Not Allowed', headers: [allow] };
    }
  }

  #sendInvite(hop: Hop): void {
    const { from, headers, requestUri, to } = this.#order;
    const branch = newBranch();
    this.#sequence += 1;
    this.#provisional = false;
    const local = { host: hop.local.address, port: hop.local.port };
    const invite: OutgoingRequest = {
      method: 'INVITE',
      uri: requestUri,
      branch,
      cseq: this.#sequence,
      headers: [
        viaHeader(local, branch),
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `${from};tag=${this.#localTag}` },
        { name: 'To', value: to },
        { name: 'Call-ID', value: this.callId },
        { name: 'CSeq', value: `${this.#sequence} INVITE` },
        { name: 'Contact', value: `<sip:${formatHostPort(local)}>` },
        ...this.#digest.headers('INVITE', requestUri),
        { name: 'Allow', value: allowedMethods },
        ...headers,
        { name: 'Content-Type', value: 'application/sdp' },
      ],
      body: this.#offer,
    };
    this.#invite = invite;
    this.#transaction = this.#core.request(invite, hop, this.trace, {
      response: (response) => this.#inviteAnswered(response, hop),
      failed: () => this.#end({ by: 'local', reason: this.#givingUp ?? 'failed' }),
    });
  }

  #inviteAnswered(response: SipResponse, hop: Hop): void {
    if (this.ended) return;
    if (response.status < 200) {
      const first = !this.#provisional;
      this.#provisional = true;
      if (this.#givingUp !== undefined) {
        if (first) this.#sendCancel();
      } else if (response.status === 180 && !this.#ringing) {
        this.#ringing = true;
        this.#events.ringing();
      }
    } else if (response.status < 300) {
      this.succeeded(response);
    } else if (this.#givingUp === undefined && this.#digest.accept(response)) {
      this.#sendInvite(hop);
    } else if (this.#givingUp !== undefined) {
      this.#end({ by: 'local', reason: this.#givingUp, sipStatus: response.status });
    } else {
      this.#end({ by: 'remote', reason: hangupReasonOf(response.status), sipStatus: response.status });
    }
  }

  #giveUp(reason: 'cancel' | 'dialout'): void {
    if ((this.#state !== 'starting' && this.#state !== 'inviting') || this.#givingUp !== undefined) return;
    this.#givingUp = reason;
    this.#stopTimer();
    if (this.#state === 'starting') queueMicrotask(() => this.#end({ by: 'local', reason }));
    // A CANCEL that overtakes its INVITE would find nothing: it waits for the first sign of life (RFC 3261 9.1).
    else if (this.#provisional) this.#sendCancel();
  }

  #sendCancel(): void {
    const { clock, request, timers } = this.#core;
    if (this.#invite === undefined || this.#hop === undefined) return;
    request(cancelOf(this.#invite), this.#hop, this.trace, {});
    // Not every far end answers the INVITE that was cancelled (RFC 3261 9.1).
    this.#stopTimer = clock.after(giveUpAfter(timers), () => {
      this.#transaction?.stop();
      this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel' });
    });
  }

  async #answeredBy(leg: AnsweredLeg, acknowledged: Promise<boolean>, response: SipResponse): Promise<void> {
    this.#state = 'answered';
    this.#primary = leg;
    this.#stopTimer();
    const asAsked = await acknowledged;
    if (this.#state !== 'answered') return;
    if (!asAsked) {
      this.#hangUpAnswered({ by: 'local', reason: 'failed' });
      return;
    }
    const { clock } = this.#core;
    this.#stopTimer = clock.after(this.#order.maxDurationMs, () =>
      this.#hangUpAnswered({ by: 'local', reason: 'timeout' }),
    );
    this.#events.answered();
    await this.#startMedia(response);
  }

  async #startMedia(response: SipResponse): Promise<void> {
    const agreed = agreedAudio(response.body);
    if (agreed === undefined) {
      this.trace.note('The answer agrees to no audio; no silence is sent.');
      return;
    }
    if (!this.#core.allow.allows(agreed.address)) {
      this.trace.note(
        'The answer wants audio at an address that SIP_ALLOW does not name; no silence is sent.',
      );
      return;
    }
    // Offer and audio are of one family and share the socket that the offer has opened.
    const media = await this.#core.media(familyOf(agreed.address));
    if (this.#state === 'answered') this.#stopMedia = media.start(agreed);
  }

  /** An answer that nobody waits for any more: it crossed our CANCEL, came too late, or another fork was first. */
  async #turnDown(leg: AnsweredLeg, acknowledged: Promise<boolean>, sipStatus: number): Promise<void> {
    const crossed = this.#state === 'inviting';
    if (crossed) {
      this.#state = 'ending';
      this.#stopTimer();
    }
    await acknowledged;
    await leg.bye();
    if (crossed) this.#end({ by: 'local', reason: this.#givingUp ?? 'cancel', sipStatus });
  }

  #hangUpAnswered(end: DialEnd): void {
    if (this.#state !== 'answered' || this.#primary === undefined) return;
    this.#state = 'ending';
    this.#stopTimer();
    this.#stopMedia();
    void this.#primary.bye().then(() => this.#end(end));
  }

  #byeReceived(leg: AnsweredLeg): void {
    // Both sides may hang up at once; then our own BYE is still out, and its answer ends the call.
    if (leg === this.#primary && this.#state === 'answered') this.#end({ by: 'remote', reason: 'normal' });
  }

  #end(end: DialEnd): void {
    if (this.ended) return;
    this.#state = 'ended';
    this.#stopTimer();
    this.#stopMedia();
    this.trace.close();
    this.#events.ended(end);
    // A late or forked 2xx still has to be acknowledged and turned down (RFC 3261 13.2.2.4).
    this.#stopTimer = this.#core.clock.after(giveUpAfter(this.#core.timers), () => this.#dispose());
  }

  #dispose(): void {
    this.#stopTimer();
    this.#transaction?.stop();
    this.#hop?.release();
    for (const leg of this.#legs.values()) leg.release();
    this.#core.forget(this.callId);
  }
}

function familyOf(address: string): 4 | 6 {
  return isIP(address) === 6 ? 6 : 4;
}
