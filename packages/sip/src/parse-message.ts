import type { SipHeader, SipMessage } from './message.ts';
import { type NameAddress, parseNameAddress, parseNameAddresses, tagOf } from './name-address.ts';
import { SipSyntaxError } from './scanner.ts';
import { checkUri, parseSipUri } from './uri.ts';
import { parseVias, type Via } from './via.ts';

/** What one datagram may hold. Far above what calls need, far below what could hurt. */
export const messageLimits = { headBytes: 16_384, headers: 128, vias: 70, routes: 70, contacts: 70 } as const;

const compactNames: Record<string, string> = {
  c: 'Content-Type',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  s: 'Subject',
  t: 'To',
  v: 'Via',
};

/** Fields that may be there once only. Twice means that two readers could understand two different messages. */
const singleNames = new Set([
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'content-type',
  'date',
]);

const methodPattern = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const namePattern = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const callIdPattern = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;
const datePattern =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const CR = 0x0d;
const LF = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads one datagram as a SIP message (RFC 3261 7, 25.1), strictly: what RFC 4475 3.1.2 calls invalid is refused, and so
 * is what two readers could take for two different messages. Throws SipSyntaxError and nothing else.
 */
export function parseMessage(datagram: Uint8Array): SipMessage {
  // Peers keep NAT bindings open with empty lines; some put one before a message (RFC 3261 7.5).
  let start = 0;
  while (datagram[start] === CR && datagram[start + 1] === LF) start += 2;
  const headEnd = blankLineAt(datagram, start);
  if (headEnd < 0) throw new SipSyntaxError('no end of the headers');
  if (headEnd - start > messageLimits.headBytes) throw new SipSyntaxError('headers too long');
  const [startLine = '', ...lines] = unfold(decode(datagram.subarray(start, headEnd)));
  if (lines.length > messageLimits.headers) throw new SipSyntaxError('too many headers');
  const headers = lines.map(parseHeader);
  const fields = parseFields(headers, datagram.subarray(headEnd + 4));
  const message = { ...parseStartLine(startLine), ...fields };
  if (message.kind === 'request' && message.method !== message.cseq.method) {
    throw new SipSyntaxError('CSeq is of another method');
  }
  return message;
}

function blankLineAt(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
}

/** The message in a datagram; undefined for what is none, which a socket passes over. */
export function messageIn(datagram: Uint8Array): SipMessage | undefined {
  try {
    return parseMessage(datagram);
  } catch (error) {
    if (error instanceof SipSyntaxError) return undefined;
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SipSyntaxError('headers are not UTF-8');
  }
}

/** Lines end with CRLF; one that begins with white space goes on with the line before it (RFC 3261 7.3.1). */
function unfold(head: string): string[] {
  const unfolded: string[] = [];
  for (const line of head.split('\r\n')) {
    if (line.includes('\r') || line.includes('\n')) throw new SipSyntaxError('bare CR or LF');
    const continues = line.startsWith(' ') || line.startsWith('\t');
    const last = unfolded.length - 1;
    if (!continues) unfolded.push(line);
    else if (last < 1) throw new SipSyntaxError('folded start line');
    else unfolded[last] = `${unfolded[last]} ${line.trimStart()}`;
  }
  return unfolded;
}

function parseStartLine(
  line: string,
): { kind: 'request'; method: string; uri: string } | { kind: 'response'; status: number; reason: string } {
  refuseControls(line);
  if (/^SIP\//i.test(line)) {
    const match = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/i.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) throw new SipSyntaxError('bad status line');
    return { kind: 'response', status: Number(match[1]), reason: match[2] };
  }
  const [method = '', uri = '', version = '', ...more] = line.split(' ');
  if (more.length > 0 || !methodPattern.test(method) || !/^SIP\/2\.0$/i.test(version)) {
    throw new SipSyntaxError('bad request line');
  }
  checkUri(uri);
  // Headers would let a caller write into the request that follows (RFC 3261 19.1.1).
  if (/^sips?:/i.test(uri) && parseSipUri(uri).headers !== undefined)
    throw new SipSyntaxError('headers in Request-URI');
  return { kind: 'request', method, uri };
}

function parseHeader(line: string): SipHeader {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trimEnd();
  if (!namePattern.test(name)) throw new SipSyntaxError('bad header name');
  const value = line.slice(colon + 1).trim();
  refuseControls(value);
  return { name: compactNames[name.toLowerCase()] ?? name, value };
}

/** Control characters are only for quoted pairs (RFC 3261 25.1). */
function refuseControls(text: string): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (((code < 0x20 && code !== 0x09) || code === 0x7f) && text.charCodeAt(at - 1) !== 0x5c) {
      throw new SipSyntaxError('control character in a header');
    }
  }
}

function parseFields(headers: SipHeader[], rest: Uint8Array) {
  const byName = new Map<string, string[]>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    const values = byName.get(key);
    if (values === undefined) byName.set(key, [value]);
    else if (singleNames.has(key)) throw new SipSyntaxError(`${name} given twice`);
    else values.push(value);
  }
  const one = (name: string): string => {
    const value = byName.get(name)?.[0];
    if (value === undefined) throw new SipSyntaxError(`no ${name}`);
    return value;
  };
  const all = (name: string): string[] => byName.get(name) ?? [];
  const [firstVia, ...moreVias] = list(all('via'), parseVias, messageLimits.vias, 'Via');
  if (firstVia === undefined) throw new SipSyntaxError('no Via');
  const vias: [Via, ...Via[]] = [firstVia, ...moreVias];
  const callId = one('call-id');
  if (!callIdPattern.test(callId)) throw new SipSyntaxError('bad Call-ID');
  checkNumber(all('max-forwards')[0], 255, 'Max-Forwards');
  // Deltas beyond 32 bits are invalid by RFC 4475 3.1.2.4; only a message that carries one is concerned.
  checkNumber(all('expires')[0], 4_294_967_295, 'Expires');
  if (all('date').some((date) => !datePattern.test(date))) throw new SipSyntaxError('bad Date');
  const routes = (name: string) =>
    list(all(name), (value) => parseNameAddresses(value, false), messageLimits.routes, name);
  routes('route');
  return {
    headers,
    body: bodyOf(rest, all('content-length')[0]),
    vias,
    from: withTag(parseNameAddress(one('from'))),
    to: withTag(parseNameAddress(one('to'))),
    callId,
    cseq: parseCSeq(one('cseq')),
    contacts: parseContacts(all('contact')),
    recordRoutes: routes('record-route'),
  };
}

function list<T>(values: string[], parse: (value: string) => T[], limit: number, what: string): T[] {
  const items = values.flatMap(parse);
  if (items.length > limit) throw new SipSyntaxError(`too many of ${what}`);
  return items;
}

function withTag(address: NameAddress): NameAddress {
  if (address.parameters.has('tag') && !/^[A-Za-z0-9\-.!%*_+`'~]+$/.test(tagOf(address) ?? '')) {
    throw new SipSyntaxError('bad tag');
  }
  return address;
}

function parseContacts(values: string[]): NameAddress[] {
  if (values.length === 1 && values[0] === '*') return [];
  const contacts = list(
    values,
    (value) => parseNameAddresses(value, true),
    messageLimits.contacts,
    'Contact',
  );
  for (const { parameters } of contacts)
    checkNumber(parameters.get('expires'), 4_294_967_295, 'expires of a Contact');
  return contacts;
}

function parseCSeq(value: string): { number: number; method: string } {
  const match = /^(\d{1,15})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/.exec(value);
  const number = Number(match?.[1]);
  const method = match?.[2];
  // RFC 3261 8.1.1.5: less than 2**31.
  if (method === undefined || number >= 2 ** 31) throw new SipSyntaxError('bad CSeq');
  return { number, method };
}

function checkNumber(value: string | undefined, most: number, what: string): void {
  if (value === undefined) return;
  if (!/^\d{1,15}$/.test(value) || Number(value) > most) throw new SipSyntaxError(`bad ${what}`);
}

/** What follows the announced length in a datagram is not part of the message (RFC 3261 18.3). */
function bodyOf(rest: Uint8Array, announced: string | undefined): Uint8Array {
  checkNumber(announced, 65_535, 'Content-Length');
  if (announced === undefined) return rest;
  const length = Number(announced);
  if (length > rest.byteLength) throw new SipSyntaxError('body shorter than Content-Length');
  return rest.subarray(0, length);
}
