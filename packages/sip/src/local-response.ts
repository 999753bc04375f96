import type { Endpoint } from './call-capture.ts';
import { formatMessage, headerValues } from './message.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { quote } from './scanner.ts';
import { formatHostPort } from './uri.ts';

/** The tag that marks a response of our own; nobody else sends it. */
const LOCAL_TAG = 'local';

/**
 * Returns the response with which an edge proxy of ours would have answered `request`: the actual cause is its reason
 * phrase and, with our address, the text of a Warning 399 (RFC 3261 20.43).
 */
export function localResponse(
  request: OutgoingRequest,
  local: Endpoint,
  status: number,
  reason: string,
): Uint8Array {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    headerValues(request, name).map((value) => ({
      name,
      value: name === 'To' && !value.includes(';tag=') ? `${value};tag=${LOCAL_TAG}` : value,
    })),
  );
  const agent = formatHostPort({ host: local.address, port: local.port });
  return formatMessage(`SIP/2.0 ${status} ${reason}`, [
    ...copied,
    { name: 'Warning', value: `399 ${agent} ${quote(reason)}` },
  ]);
}
