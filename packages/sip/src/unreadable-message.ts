import type { Endpoint } from './call-capture.ts';
import { formatMessage, type SipHeader } from './message.ts';
import { newToken, USER_AGENT } from './outgoing-request.ts';
import { noteOrigin } from './response.ts';
import { SipSyntaxError } from './scanner.ts';

/** What can be read of a message that the parser rejects: enough to identify its call, and to respond. */
export type UnreadableMessage = {
  kind: 'request' | 'response' | 'neither';
  method: string | undefined;
  callId: string | undefined;
  /** Header lines as written, unfolded: name and value. */
  lines: { name: string; value: string }[];
};

const COMPACT_NAMES: ReadonlyMap<string, string> = new Map([
  ['f', 'from'],
  ['i', 'call-id'],
  ['t', 'to'],
  ['v', 'via'],
]);
const MAX_LINES = 500;

/** Reads everything that has the form of a header line. Never throws. */
export function readUnreadable(text: string): UnreadableMessage {
  const head = text
    .replace(/^[\r\n]+/, '')
    .split(/\r?\n\r?\n/, 1)
    .join('');
  const [startLine = '', ...rest] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/, MAX_LINES);
  const lines = rest.flatMap((line) => {
    const match = /^([^\s:]+)[ \t]*:(.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return [];
    const name = match[1].toLowerCase();
    return { name: COMPACT_NAMES.get(name) ?? name, value: match[2].trim() };
  });
  const request = /^([A-Za-z]+)\s+\S.*SIP\/\d/i.exec(startLine);
  const isResponse = /^SIP\//i.test(startLine);
  return {
    kind: isResponse ? 'response' : request === null ? 'neither' : 'request',
    method: isResponse ? undefined : request?.[1],
    callId: lines.find(({ name }) => name === 'call-id')?.value,
    lines,
  };
}

/**
 * Returns the rejection of a request that cannot be parsed, with its own Via, From, To, Call-ID and CSeq as far as they
 * are present (RFC 3261 §21.4.1). Undefined if there is no Via to respond to, or if these would not stay on their
 * lines.
 */
export function rejectionOf(
  message: UnreadableMessage,
  origin: Endpoint,
  error: SipSyntaxError,
): Uint8Array | undefined {
  const valuesOf = (wanted: string) =>
    message.lines.filter(({ name }) => name === wanted).map(({ value }) => value);
  const vias = valuesOf('via');
  const [from] = valuesOf('from');
  const [to] = valuesOf('to');
  const [cseq] = valuesOf('cseq');
  if (vias.length === 0 || message.callId === undefined) return undefined;
  const tagged = to === undefined || /;\s*tag\s*=/i.test(to) ? to : `${to};tag=${newToken()}`;
  const present: [string, string | undefined][] = [
    ['From', from],
    ['To', tagged],
    ['Call-ID', message.callId],
    ['CSeq', cseq],
  ];
  const headers: SipHeader[] = [
    ...vias.map((value, index) => ({ name: 'Via', value: index === 0 ? noteOrigin(value, origin) : value })),
    ...present.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
    { name: 'Server', value: USER_AGENT },
  ];
  const reasons = { 400: 'Bad Request', 505: 'Version Not Supported', 513: 'Message Too Large' };
  const detail = error.message.replace(/[^ -~]/g, ' ');
  try {
    return formatMessage(`SIP/2.0 ${error.status} ${reasons[error.status]} (${detail})`, headers);
  } catch (problem) {
    if (problem instanceof SipSyntaxError) return undefined;
    throw problem;
  }
}
