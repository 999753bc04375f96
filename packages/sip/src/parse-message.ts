import { decodeMessage, type SipHeader, type SipMessage } from './message.ts';
import { type NameAddress, parseNameAddress, parseNameAddresses, tagOf } from './name-address.ts';
import { isToken, SipSyntaxError } from './scanner.ts';
import { checkUri, parseSipUri } from './uri.ts';
import { parseVias, type Via } from './via.ts';

/** The maximum size of a message, over any transport. */
export const MAX_MESSAGE_BYTES = 65_535;

/** RFC 3261 §7.3.3. */
const COMPACT_NAMES: ReadonlyMap<string, string> = new Map([
  ['c', 'Content-Type'],
  ['e', 'Content-Encoding'],
  ['f', 'From'],
  ['i', 'Call-ID'],
  ['k', 'Supported'],
  ['l', 'Content-Length'],
  ['m', 'Contact'],
  ['s', 'Subject'],
  ['t', 'To'],
  ['v', 'Via'],
  // RFC 4028.
  ['x', 'Session-Expires'],
]);

/** Fields that may occur only once. If one occurs twice, two readers could understand two different messages. */
const SINGLE_NAMES = new Set(['from', 'to', 'call-id', 'cseq', 'content-length']);

/** Requests whose Contact and Record-Route create or refresh a dialog or a binding; elsewhere these are not used. */
const ROUTED_METHODS = new Set(['INVITE', 'REGISTER', 'SUBSCRIBE', 'UPDATE']);

const CALL_ID_PATTERN =
  /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Parses a SIP message (RFC 3261 §7, §25.1): strictly where it matters (start line, Via, From, To, Call-ID, CSeq,
 * Content-Length, and the Contact and Record-Route of a request that sets up a dialog), leniently everywhere else. A
 * header that cannot be read and is not needed is left out, bytes that are not UTF-8 are read as Latin-1, and lines may
 * end with LF.
 *
 * @throws {SipSyntaxError} when one of the strict parts cannot be read; no other error is thrown.
 */
export function parseMessage(bytes: Uint8Array): SipMessage {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) throw new SipSyntaxError('message too long', 513);
  // Peers keep NAT bindings open with empty lines; some put one before a message (RFC 3261 §7.5).
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start += 1;
  const head = headOf(bytes, start);
  if (head === undefined) throw new SipSyntaxError('no empty line after the headers');
  const [firstLine, ...lines] = unfold(decodeMessage(bytes.subarray(start, head.end)));
  if (firstLine === undefined) throw new SipSyntaxError('no start line');
  const line = parseStartLine(firstLine);
  const fields = parseFields(line, lines.flatMap(parseHeader), bytes.subarray(head.bodyStart));
  const message = { ...line, ...fields };
  if (message.kind === 'request' && message.method !== message.cseq.method) {
    throw new SipSyntaxError('CSeq has a different method');
  }
  return message;
}

/** Finds the empty line: an LF followed by another, with or without a CR. */
function headOf(bytes: Uint8Array, start: number): { end: number; bodyStart: number } | undefined {
  for (let at = bytes.indexOf(LF, start); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] === LF) return { end: bytes[at - 1] === CR ? at - 1 : at, bodyStart: next + 1 };
  }
  return undefined;
}

/** Returns the lines unfolded: one that begins with white space continues the line before it (RFC 3261 §7.3.1). */
function unfold(head: string): string[] {
  const unfolded: string[] = [];
  for (const line of head.split(/\r?\n/)) {
    const last = unfolded.length - 1;
    if (!line.startsWith(' ') && !line.startsWith('\t')) unfolded.push(line);
    else if (last < 1) throw new SipSyntaxError('folded start line');
    else unfolded[last] = `${unfolded[last]} ${line.trimStart()}`;
  }
  return unfolded;
}

type StartLine =
  | { kind: 'request'; method: string; uri: string }
  | { kind: 'response'; status: number; reason: string };

function parseStartLine(line: string): StartLine {
  refuseControls(line, 'start line');
  if (/^SIP\//i.test(line)) {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(line);
    if (match?.[1] === undefined) throw new SipSyntaxError('bad status line');
    // The reason phrase is only for people; some peers omit it, with or without the space before it.
    return { kind: 'response', status: Number(match[1]), reason: match[2] ?? '' };
  }
  const [method, uri, version, ...more] = line.split(' ');
  if (method === undefined || uri === undefined || version === undefined || more.length > 0) {
    throw new SipSyntaxError('bad request line');
  }
  if (!isToken(method)) throw new SipSyntaxError('bad method');
  if (!/^SIP\/2\.0$/i.test(version)) {
    throw new SipSyntaxError('bad SIP version', /^SIP\/\d+\.\d+$/i.test(version) ? 505 : 400);
  }
  checkUri(uri);
  // Headers would let a caller write into the resulting request (RFC 3261 §19.1.1).
  if (/^sips?:/i.test(uri) && parseSipUri(uri).headers !== undefined)
    throw new SipSyntaxError('headers in Request-URI');
  return { kind: 'request', method, uri };
}

/** Returns an empty list for a line that is not a header field. */
function parseHeader(line: string): SipHeader[] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trimEnd();
  if (!isToken(name)) return [];
  return [{ name: COMPACT_NAMES.get(name.toLowerCase()) ?? name, value: line.slice(colon + 1).trim() }];
}

/** Rejects control characters, which are only allowed in quoted pairs (RFC 3261 §25.1). */
function refuseControls(text: string, what: string): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (((code < 0x20 && code !== 0x09) || code === 0x7f) && text.charCodeAt(at - 1) !== 0x5c) {
      throw new SipSyntaxError(`control character in ${what}`);
    }
  }
}

function parseFields(startLine: StartLine, headers: SipHeader[], rest: Uint8Array) {
  const byName = new Map<string, string[]>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    const values = byName.get(key);
    if (values === undefined) byName.set(key, [value]);
    else if (SINGLE_NAMES.has(key)) throw new SipSyntaxError(`${name} given twice`);
    else values.push(value);
  }
  const all = (name: string): string[] => byName.get(name) ?? [];
  const one = (name: string, written: string): string => {
    const [value] = all(name);
    if (value === undefined) throw new SipSyntaxError(`no ${written}`);
    return value;
  };
  const [firstVia, ...moreVias] = all('via').flatMap(parseVias);
  if (firstVia === undefined) throw new SipSyntaxError('no Via');
  const vias: [Via, ...Via[]] = [firstVia, ...moreVias];
  const callId = one('call-id', 'Call-ID');
  if (!CALL_ID_PATTERN.test(callId)) throw new SipSyntaxError('bad Call-ID');
  const cseq = parseCSeq(one('cseq', 'CSeq'));
  return {
    headers,
    body: bodyOf(rest, all('content-length')[0]),
    vias,
    from: withTag(parseNameAddress(one('from', 'From')), 'From'),
    to: withTag(parseNameAddress(one('to', 'To')), 'To'),
    callId,
    cseq,
    ...parseRouting(startLine, all('contact'), all('record-route')),
  };
}

/**
 * Parses Contact and Record-Route. In a response they can no longer be rejected, and in a request that does not use
 * them they do not matter: in these cases an error is kept as a problem for the code that needs them.
 */
function parseRouting(startLine: StartLine, contactValues: string[], recordRouteValues: string[]) {
  try {
    return {
      contacts: parseContacts(contactValues),
      recordRoutes: recordRouteValues.flatMap((value) => parseNameAddresses(value, false)),
    };
  } catch (error) {
    if (!(error instanceof SipSyntaxError)) throw error;
    const isUsed = startLine.kind === 'request' && ROUTED_METHODS.has(startLine.method);
    if (isUsed) throw new SipSyntaxError(`Contact or Record-Route: ${error.message}`);
    return { contacts: [], recordRoutes: [], routingProblem: error.message };
  }
}

function parseContacts(values: string[]): NameAddress[] {
  if (values.length === 1 && values[0] === '*') return [];
  return values.flatMap((value) => {
    refuseControls(value, 'Contact');
    return parseNameAddresses(value, true);
  });
}

function withTag(address: NameAddress, name: string): NameAddress {
  const tag = tagOf(address);
  if (address.parameters.has('tag') && (tag === undefined || !isToken(tag))) {
    throw new SipSyntaxError(`bad tag in ${name}`);
  }
  return address;
}

function parseCSeq(value: string): { number: number; method: string } {
  const match = /^(\d{1,15})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/.exec(value);
  const number = Number(match?.[1]);
  const method = match?.[2];
  // RFC 3261 §8.1.1.5: less than 2**31.
  if (method === undefined || number >= 2 ** 31) throw new SipSyntaxError('bad CSeq');
  return { number, method };
}

/** Returns the body. Anything beyond the announced length in a datagram is not part of the message (RFC 3261 §18.3). */
function bodyOf(rest: Uint8Array, announced: string | undefined): Uint8Array {
  if (announced === undefined) return rest;
  if (!/^\d{1,9}$/.test(announced)) throw new SipSyntaxError('bad Content-Length');
  const length = Number(announced);
  if (length > rest.byteLength) throw new SipSyntaxError('body shorter than Content-Length');
  return rest.subarray(0, length);
}
