import type { CallCapture, Endpoint } from '@provider-call/sip/call-capture';
import type { InvitePlan } from '@provider-call/sip/invite-plan';
import { EMPTY_BODY, formatMessage, type SipHeader } from '@provider-call/sip/message';
import { formatHostPort } from '@provider-call/sip/uri';
import { deriveUuid } from '../../../functions/uuid.ts';
import { reasonPhraseOf } from './reason-phrase.ts';

/** A made-up address from one of the ranges for documentation (RFC 5737). */
export const LOCAL: Endpoint = { address: '192.0.2.10', port: 5060 };
const CARRIER_ADDRESS = '198.51.100.20';
const CARRIER_SDP_PORT = 30_000;
const LOCAL_SDP_PORT = 20_000;

const ALLOW: SipHeader = { name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS' };

type Party = 'local' | 'remote';

/** CSeq and branch of a transaction. A CANCEL and the ACK of a rejection share the branch of their INVITE (§9.1, §17.1.1.3). */
type Transaction = { cseq: string; branch: string };

const INVITE: Transaction = { cseq: '1 INVITE', branch: 'invite' };
const CANCEL: Transaction = { cseq: '1 CANCEL', branch: 'invite' };
const ACK_OF_REJECTION: Transaction = { cseq: '1 ACK', branch: 'invite' };
const ACK_OF_ANSWER: Transaction = { cseq: '1 ACK', branch: 'ack' };
const BYE: Readonly<Record<Party, Transaction>> = {
  local: { cseq: '2 BYE', branch: 'bye' },
  remote: { cseq: '1 BYE', branch: 'remote bye' },
};

export type ScriptedDialogOptions = {
  capture: CallCapture;
  /** Tags and branches are derived from this seed, so that a replay repeats them. */
  seed: string;
  plan: InvitePlan;
};

/**
 * Writes the messages of one scripted attempt to its capture, as a user agent and a carrier would have exchanged them
 * (RFC 3261 §13, §15, §17). Nothing is sent.
 */
export class ScriptedDialog {
  readonly #capture: CallCapture;
  readonly #seed: string;
  readonly #plan: InvitePlan;
  readonly #carrier: Endpoint;
  readonly #from: string;
  readonly #toWithTag: string;

  constructor({ capture, seed, plan }: ScriptedDialogOptions) {
    const { host, port = 5060 } = plan.nextHop;
    this.#capture = capture;
    this.#seed = seed;
    this.#plan = plan;
    this.#carrier = { address: /^[\d.]+$/.test(host) ? host : CARRIER_ADDRESS, port };
    this.#from = `${plan.from};tag=${this.#token('from')}`;
    this.#toWithTag = `${plan.to};tag=${this.#token('to')}`;
  }

  /** INVITE, with an offer. */
  invite(): void {
    const { requestUri, to, headers } = this.#plan;
    this.#request(
      'local',
      `INVITE ${requestUri}`,
      INVITE,
      to,
      [ALLOW, ...headers],
      sdp(LOCAL, LOCAL_SDP_PORT),
    );
  }

  /** A provisional response. */
  progress(status: 100 | 180): void {
    const [reason, to] = status === 100 ? ['Trying', this.#plan.to] : ['Ringing', this.#toWithTag];
    this.#response('remote', status, reason, INVITE, to);
  }

  /** 200 with an answer, and ACK. */
  answer(): void {
    const body = sdp(this.#carrier, CARRIER_SDP_PORT);
    this.#response('remote', 200, 'OK', INVITE, this.#toWithTag, this.#contact(this.#carrier), body);
    this.#request('local', `ACK ${this.#carrierUri()}`, ACK_OF_ANSWER, this.#toWithTag);
  }

  /** A final response other than 2xx, and its ACK, which repeats the INVITE's Request-URI (§17.1.1.3). */
  reject(status: number): void {
    this.#response('remote', status, reasonPhraseOf(status), INVITE, this.#toWithTag);
    this.#request('local', `ACK ${this.#plan.requestUri}`, ACK_OF_REJECTION, this.#toWithTag);
  }

  cancel(): void {
    this.#request('local', `CANCEL ${this.#plan.requestUri}`, CANCEL, this.#plan.to);
  }

  /** 200 to the CANCEL, and 487 to the INVITE. */
  cancelled(): void {
    this.#response('remote', 200, 'OK', CANCEL, this.#toWithTag);
    this.reject(487);
  }

  bye(by: Party): void {
    const uri = by === 'local' ? this.#carrierUri() : `sip:${formatHostPort(hostPortOf(LOCAL))}`;
    this.#request(by, `BYE ${uri}`, BYE[by], this.#toWithTag);
  }

  /** 200 to the BYE that `by` sent. */
  byeConfirmed(by: Party): void {
    this.#response(by === 'local' ? 'remote' : 'local', 200, 'OK', BYE[by], this.#toWithTag);
  }

  #request(
    by: Party,
    requestLine: string,
    transaction: Transaction,
    to: string,
    headers: SipHeader[] = [],
    body: Uint8Array = EMPTY_BODY,
  ): void {
    const sender = by === 'local' ? LOCAL : this.#carrier;
    this.#message(
      by,
      `${requestLine} SIP/2.0`,
      [
        { name: 'Via', value: this.#via(sender, transaction) },
        { name: 'Max-Forwards', value: '70' },
        ...this.#dialogHeaders(by, to, transaction),
        { name: 'Contact', value: `<sip:${formatHostPort(hostPortOf(sender))}>` },
        ...headers,
        ...contentType(body),
      ],
      body,
    );
  }

  #response(
    by: Party,
    status: number,
    reason: string,
    transaction: Transaction,
    to: string,
    headers: SipHeader[] = [],
    body: Uint8Array = EMPTY_BODY,
  ): void {
    const requester = by === 'local' ? 'remote' : 'local';
    const via = this.#via(requester === 'local' ? LOCAL : this.#carrier, transaction);
    this.#message(
      by,
      `SIP/2.0 ${status} ${reason}`,
      [
        { name: 'Via', value: via },
        ...this.#dialogHeaders(requester, to, transaction),
        ...headers,
        ...contentType(body),
      ],
      body,
    );
  }

  #message(by: Party, startLine: string, headers: SipHeader[], body: Uint8Array): void {
    const [source, destination] = by === 'local' ? [LOCAL, this.#carrier] : [this.#carrier, LOCAL];
    const bytes = formatMessage(startLine, headers, body);
    this.#capture.message({ transport: 'udp', source, destination, bytes });
  }

  /** From and To are those of the request's sender (§8.1.1). */
  #dialogHeaders(requester: Party, to: string, { cseq }: Transaction): SipHeader[] {
    const [from, target] = requester === 'local' ? [this.#from, to] : [this.#toWithTag, this.#from];
    return [
      { name: 'From', value: from },
      { name: 'To', value: target },
      { name: 'Call-ID', value: `${this.#token('call-id')}@${LOCAL.address}` },
      { name: 'CSeq', value: cseq },
    ];
  }

  #via(sender: Endpoint, { branch }: Transaction): string {
    return `SIP/2.0/UDP ${formatHostPort(hostPortOf(sender))};branch=z9hG4bK${this.#token(branch)};rport`;
  }

  #carrierUri(): string {
    return `sip:${formatHostPort(hostPortOf(this.#carrier))}`;
  }

  #contact(party: Endpoint): SipHeader[] {
    return [{ name: 'Contact', value: `<sip:${formatHostPort(hostPortOf(party))}>` }];
  }

  #token(name: string): string {
    return deriveUuid('scripted', this.#seed, name).replaceAll('-', '').slice(0, 16);
  }
}

function hostPortOf({ address, port }: Endpoint): { host: string; port: number } {
  return { host: address, port };
}

function contentType(body: Uint8Array): SipHeader[] {
  return body.byteLength === 0 ? [] : [{ name: 'Content-Type', value: 'application/sdp' }];
}

function sdp({ address }: Endpoint, port: number): Uint8Array {
  const lines = [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ];
  return new TextEncoder().encode(lines.join('\r\n'));
}
