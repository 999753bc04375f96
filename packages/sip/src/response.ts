import { formatMessage, headerValues, type SipHeader, type SipRequest } from './message.ts';
import { tagOf } from './name-address.ts';

/** Where a request came from. */
export type Origin = { address: string; port: number };

export type Answer = {
  status: number;
  reason: string;
  headers?: SipHeader[];
  body?: Uint8Array;
  /** Ours, unless the request's To has a tag already. */
  toTag?: string;
};

/** The response to a request, with where it came from noted in its Via (RFC 3261 8.2.6, 18.2.1; RFC 3581 4). */
export function responseBytes(request: SipRequest, origin: Origin, answer: Answer): Uint8Array {
  const vias = headerValues(request, 'Via').map((value, index) => ({
    name: 'Via',
    value: index === 0 ? noteOrigin(value, origin) : value,
  }));
  const to = headerValues(request, 'To')[0] ?? '';
  const tagged =
    tagOf(request.to) === undefined && answer.toTag !== undefined ? `${to};tag=${answer.toTag}` : to;
  return formatMessage(
    `SIP/2.0 ${answer.status} ${answer.reason}`,
    [
      ...vias,
      { name: 'From', value: headerValues(request, 'From')[0] ?? '' },
      { name: 'To', value: tagged },
      { name: 'Call-ID', value: request.callId },
      { name: 'CSeq', value: `${request.cseq.number} ${request.cseq.method}` },
      ...(answer.headers ?? []),
    ],
    answer.body,
  );
}

/** Several Vias may share one line; the topmost ends at the first comma outside quotes, which a Via hardly ever has. */
function noteOrigin(value: string, origin: Origin): string {
  const end = value.search(/,|$/);
  const top = value.slice(0, end).replace(/;\s*rport\s*(?=;|$)/i, `;rport=${origin.port}`);
  return `${top};received=${origin.address}${value.slice(end)}`;
}

/** The port that the response goes to; its address is always the one that the request came from. */
export function responsePort(request: SipRequest, origin: Origin): number {
  const [top] = request.vias;
  return top.parameters.has('rport') ? origin.port : (top.port ?? 5060);
}
