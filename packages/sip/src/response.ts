import type { Endpoint } from './call-capture.ts';
import { formatMessage, headerValue, headerValues, type SipHeader, type SipRequest } from './message.ts';
import { tagOf } from './name-address.ts';
import { USER_AGENT } from './outgoing-request.ts';

/** A response of ours, before it becomes bytes. */
export type ResponseInit = {
  status: number;
  reason: string;
  headers?: SipHeader[];
  body?: Uint8Array;
  /** Our tag, unless the request's To already has one. */
  toTag?: string;
};

/** A response to a request within a call; `after` runs once it has been sent, and may send it again. */
export type IncomingRequestResponse = ResponseInit & { after?: (again: () => void) => void };

/** The response to a request that belongs to no call of ours (RFC 3261 §12.2.2). */
export const NO_SUCH_CALL: ResponseInit = { status: 481, reason: 'Call/Transaction Does Not Exist' };

/** The response to a request that we fail to handle (RFC 3261 §21.5.1). */
export const INTERNAL_ERROR: ResponseInit = { status: 500, reason: 'Server Internal Error' };

/**
 * Returns the response to a request, with the request's origin added to its Via (RFC 3261 §8.2.6, §18.2.1;
 * RFC 3581 §4).
 */
export function responseBytes(request: SipRequest, origin: Endpoint, response: ResponseInit): Uint8Array {
  const vias = headerValues(request, 'Via').map((value, index) => ({
    name: 'Via',
    value: index === 0 ? noteOrigin(value, origin) : value,
  }));
  const to = headerValue(request, 'To');
  const isTagged = tagOf(request.to) !== undefined || response.toTag === undefined;
  return formatMessage(
    `SIP/2.0 ${response.status} ${response.reason}`,
    [
      ...vias,
      { name: 'From', value: headerValue(request, 'From') },
      { name: 'To', value: isTagged ? to : `${to};tag=${response.toTag}` },
      { name: 'Call-ID', value: request.callId },
      { name: 'CSeq', value: `${request.cseq.number} ${request.cseq.method}` },
      { name: 'Server', value: USER_AGENT },
      ...(response.headers ?? []),
    ],
    response.body,
  );
}

/**
 * Adds the origin to the topmost Via. Several may share a line; the topmost ends at the first comma outside quotes,
 * which a Via rarely has.
 */
export function noteOrigin(value: string, origin: Endpoint): string {
  const end = value.search(/,|$/);
  const top = value.slice(0, end).replace(/;\s*rport\s*(?=;|$)/i, `;rport=${origin.port}`);
  return `${top};received=${origin.address}${value.slice(end)}`;
}

/** Returns the port that the response goes to; its address is always the one that the request came from. */
export function responsePort(request: SipRequest, origin: Endpoint): number {
  const [top] = request.vias;
  return top.parameters.has('rport') ? origin.port : (top.port ?? 5060);
}
