import { randomBytes } from 'node:crypto';
import { formatMessage, headerValues, type SipHeader, type SipResponse } from './message.ts';
import { formatHostPort, type HostPort } from './uri.ts';

/** A request of ours, before it becomes bytes. */
export type OutgoingRequest = {
  method: string;
  uri: string;
  /** The transaction's id (RFC 3261 8.1.1.7). */
  branch: string;
  cseq: number;
  /** All headers; Via first. */
  headers: SipHeader[];
  body?: Uint8Array;
};

/** A Via branch with the cookie of RFC 3261. */
export function newBranch(): string {
  return `z9hG4bK${randomBytes(12).toString('hex')}`;
}

/** A tag or the local part of a Call-ID. */
export function newToken(): string {
  return randomBytes(12).toString('hex');
}

/** Our Via; `rport` asks for the answer at the port that the request came from (RFC 3581). */
export function viaHeader(local: HostPort, branch: string): SipHeader {
  return { name: 'Via', value: `SIP/2.0/UDP ${formatHostPort(local)};branch=${branch};rport` };
}

export function requestBytes(request: OutgoingRequest): Uint8Array {
  return formatMessage(`${request.method} ${request.uri} SIP/2.0`, request.headers, request.body);
}

const kept = new Set(['via', 'from', 'call-id', 'route', 'max-forwards']);

function sameTransaction(invite: OutgoingRequest, method: string, to: SipHeader): OutgoingRequest {
  return {
    method,
    uri: invite.uri,
    branch: invite.branch,
    cseq: invite.cseq,
    headers: [
      ...invite.headers.filter(({ name }) => kept.has(name.toLowerCase())),
      to,
      { name: 'CSeq', value: `${invite.cseq} ${method}` },
    ],
  };
}

/** The ACK that a refused INVITE gets, part of the INVITE's own transaction (RFC 3261 17.1.1.3). */
export function ackRefusal(invite: OutgoingRequest, refusal: SipResponse): OutgoingRequest {
  return sameTransaction(invite, 'ACK', { name: 'To', value: headerValues(refusal, 'To')[0] ?? '' });
}

/** The CANCEL of an INVITE (RFC 3261 9.1). */
export function cancelOf(invite: OutgoingRequest): OutgoingRequest {
  return sameTransaction(invite, 'CANCEL', { name: 'To', value: headerValues(invite, 'To')[0] ?? '' });
}
