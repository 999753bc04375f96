import type { Endpoint } from './call-capture.ts';
import { formatMessage, headerValues } from './message.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { quote } from './scanner.ts';
import { formatHostPort } from './uri.ts';

/** The tag that marks a response made up by us; nobody else sends it. */
const LOCAL_TAG = 'local';

const MAX_REASON_LENGTH = 300;

/**
 * Returns the response that an edge proxy of ours would have sent to `request`: the actual cause is its reason
 * phrase and, with our address, the text of a Warning 399 (RFC 3261 §20.43).
 */
export function localResponse(
  request: OutgoingRequest,
  local: Endpoint,
  status: number,
  reason: string,
): Uint8Array {
  const text = oneLine(reason);
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    headerValues(request, name).map((value) => ({
      name,
      value: name === 'To' && !value.includes(';tag=') ? `${value};tag=${LOCAL_TAG}` : value,
    })),
  );
  const agent = formatHostPort({ host: local.address, port: local.port });
  return formatMessage(`SIP/2.0 ${status} ${text}`, [
    ...copied,
    { name: 'Warning', value: `399 ${agent} ${quote(text)}` },
  ]);
}

/** Returns a reason as one line of limited length, because it may quote what a peer sent. */
function oneLine(reason: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return reason.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, MAX_REASON_LENGTH);
}
