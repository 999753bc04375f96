import { isIP } from 'node:net';
import { AnsweredLeg } from './answered-leg.ts';
import { CallCapture, type Endpoint } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import { type CallEnd, hangupReasonOf } from './call-end.ts';
import type { ClientTransaction } from './client-transaction.ts';
import { dialogOf } from './dialog.ts';
import { type Credentials, DigestSession } from './digest.ts';
import { localResponse } from './local-response.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { cancelOf, newBranch, newToken, type OutgoingRequest, viaHeader } from './outgoing-request.ts';
import type { Answer } from './response.ts';
import { agreedAudio, audioOffer } from './sdp.ts';
import { giveUpAfter } from './timers.ts';
import type { Hop } from './udp-transport.ts';
import { UnreachableError } from './unreachable-error.ts';
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
  /** Where the call's messages are kept; calls that try one provider after the other share one. */
  capture?: CallCapture;
};

/** What the user agent reports of a call. `ended` comes once; messages may still be captured after it. */
export type CallEvents = {
  ringing(): void;
  answered(): void;
  ended(end: CallEnd): void;
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
  readonly capture: CallCapture;
  readonly #core: CallCore;
  readonly #order: InviteOrder;
  readonly #events: CallEvents;
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

  constructor(core: CallCore, order: InviteOrder, events: CallEvents) {
    this.callId = newToken();
    this.#core = core;
    this.#order = order;
    this.#events = events;
    this.#digest = new DigestSession(order.credentials);
    this.capture = order.capture ?? new CallCapture(core.clock);
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
      if (!(error instanceof UnreachableError)) throw error;
      const local = await this.#core.localEndpoint();
      if (this.ended) return;
      this.#reportLocally(this.#inviteFrom(local), local, error.status, error.message);
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
    const leg = new AnsweredLeg(this.#core, this.capture, this.#digest, dialog, hop);
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

  /** Our address, for what came in on a socket that is bound to any. */
  get local(): Endpoint | undefined {
    return this.#hop?.local;
  }

  #inviteFrom(endpoint: Endpoint): OutgoingRequest {
    const { from, headers, requestUri, to } = this.#order;
    const branch = newBranch();
    this.#sequence += 1;
    const local = { host: endpoint.address, port: endpoint.port };
    return {
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
  }

  #sendInvite(hop: Hop): void {
    const invite = this.#inviteFrom(hop.local);
    this.#provisional = false;
    this.#invite = invite;
    this.#transaction = this.#core.request(invite, hop, this.capture, {
      response: (response) => this.#inviteAnswered(response, hop),
      failed: (why) => {
        const where = formatHostPort({ host: hop.address, port: hop.port });
        if (why === 'timeout') this.#reportLocally(invite, hop.local, 408, `No response from ${where}`);
        else this.#reportLocally(invite, hop.local, 503, `${where} refuses UDP (ECONNREFUSED)`);
        this.#end({ by: 'local', reason: this.#givingUp ?? 'failed' });
      },
    });
  }

  /** Captures what never reached the wire as the response that an edge proxy of ours would have sent to us. */
  #reportLocally(request: OutgoingRequest, local: Endpoint, status: number, reason: string): void {
    const bytes = localResponse(request, local, status, reason);
    this.capture.message({ transport: 'udp', source: local, destination: local, bytes });
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
    request(cancelOf(this.#invite), this.#hop, this.capture, {});
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
      this.capture.note('The answer agrees to no audio; no silence is sent.');
      return;
    }
    if (!this.#core.allow.allows(agreed.address)) {
      this.capture.note(
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

  #hangUpAnswered(end: CallEnd): void {
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

  #end(end: CallEnd): void {
    if (this.ended) return;
    this.#state = 'ended';
    this.#stopTimer();
    this.#stopMedia();
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
