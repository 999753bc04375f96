import { randomBytes } from 'node:crypto';
import type { Endpoint, Transport } from './call-capture.ts';
import { formatMessage, headerValue, type SipHeader, type SipResponse } from './message.ts';
import { formatHostPort } from './uri.ts';

/** A request of ours, before it becomes bytes. */
export type OutgoingRequest = {
  method: string;
  uri: string;
  /** The transaction's id (RFC 3261 §8.1.1.7). */
  branch: string;
  /** The sent-by of our Via, which every response must carry (§18.1.2). */
  sentBy: Endpoint;
  callId: string;
  localTag: string;
  cseq: number;
  /** All headers; Via first. */
  headers: SipHeader[];
  body?: Uint8Array;
};

/** Our User-Agent and Server (RFC 3261 §20.41, §20.35). */
export const USER_AGENT = 'ProviderCall/0.1';
/** Our Allow: the methods that a far end may send us (RFC 3261 §20.5). */
export const ALLOWED_METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS';
/** Our Supported: session timers (RFC 4028). */
export const SUPPORTED_EXTENSIONS = ['timer'];

/** Returns a Via branch with the cookie of RFC 3261. */
export function newBranch(): string {
  return `z9hG4bK${randomBytes(12).toString('hex')}`;
}

/** Returns a tag or the local part of a Call-ID. */
export function newToken(): string {
  return randomBytes(12).toString('hex');
}

/** Returns our Via; `rport` asks for the response at the port that the request came from (RFC 3581). */
export function viaHeader(local: Endpoint, transport: Transport, branch: string): SipHeader {
  return {
    name: 'Via',
    value: `SIP/2.0/${transport.toUpperCase()} ${formatEndpoint(local)};branch=${branch};rport`,
  };
}

/** Returns our Contact; a far end reads from it which transport to use. */
export function contactHeader(local: Endpoint, transport: Transport): SipHeader {
  const parameter = transport === 'udp' ? '' : `;transport=${transport}`;
  return { name: 'Contact', value: `<sip:${formatEndpoint(local)}${parameter}>` };
}

/** Returns an endpoint as `address:port`, an IPv6 address in brackets. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return formatHostPort({ host: address, port });
}

/** Returns a request as it goes over the wire, with its Content-Length. */
export function requestBytes(request: OutgoingRequest): Uint8Array {
  return formatMessage(`${request.method} ${request.uri} SIP/2.0`, request.headers, request.body);
}

const KEPT = new Set(['via', 'from', 'call-id', 'route', 'max-forwards']);

/** Returns the ACK of a rejected INVITE, which is part of the INVITE's own transaction (RFC 3261 §17.1.1.3). */
export function ackOfRejection(invite: OutgoingRequest, rejection: SipResponse): OutgoingRequest {
  return inSameTransaction(invite, 'ACK', headerValue(rejection, 'To'));
}

/** Returns the CANCEL of an INVITE (RFC 3261 §9.1). */
export function cancelOf(invite: OutgoingRequest): OutgoingRequest {
  return inSameTransaction(invite, 'CANCEL', headerValue(invite, 'To'));
}

function inSameTransaction(invite: OutgoingRequest, method: string, to: string): OutgoingRequest {
  const { body: _body, ...kept } = invite;
  return {
    ...kept,
    method,
    headers: [
      ...invite.headers.filter(({ name }) => KEPT.has(name.toLowerCase())),
      { name: 'To', value: to },
      { name: 'CSeq', value: `${invite.cseq} ${method}` },
      { name: 'User-Agent', value: USER_AGENT },
    ],
  };
}
