import { microsecondsOf } from './instant.ts';
import type { SipMessage } from './platform-records.ts';

/** An address and port in written form, `192.0.2.1:5060` or `[2001:db8::1]:5060`. */
export type Endpoint = string;

/** A captured message as far as it can be read. Parts that cannot be read are undefined. */
export type ReadMessage = {
  /** Its position in `sip_messages`. */
  index: number;
  /** Microseconds since 1970. */
  time: number | undefined;
  source: Endpoint;
  destination: Endpoint;
  sourceIp: string;
  destinationIp: string;
  /** A request's method; undefined for a response. */
  method: string | undefined;
  requestUri: string | undefined;
  /** A response's status; undefined for a request. */
  status: number | undefined;
  reasonPhrase: string | undefined;
  headers: readonly { name: string; value: string }[];
  callId: string | undefined;
  cseq: { number: number; method: string } | undefined;
  fromTag: string | undefined;
  toTag: string | undefined;
  branch: string | undefined;
  /** Of the topmost Via: UDP, TCP, TLS … */
  transport: string | undefined;
  body: string;
};

const COMPACT_NAMES: ReadonlyMap<string, string> = new Map([
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
]);

/**
 * Reads a message as tolerantly as possible: evidence may be malformed, truncated or redacted. The parser of
 * `packages/sip` decides what may be acted on; here, even a message that it rejects has to be shown and counted. If the
 * start line cannot be read, the capture's `method` is used instead.
 */
export function readMessage(message: SipMessage, index = 0): ReadMessage {
  const { head, body } = split(text(message.raw));
  const [startLine = '', ...lines] = head;
  const headers = lines.flatMap(readHeader);
  const first = (name: string) => headers.find((header) => header.name === name)?.value;
  const via = first('via');
  const cseq = /^\s*(\d{1,15})\s+(\S+)/.exec(first('cseq') ?? '');
  return {
    index,
    time: microsecondsOf(message.timestamp),
    source: formatEndpoint(message.src_ip, message.src_port),
    destination: formatEndpoint(message.dst_ip, message.dst_port),
    sourceIp: text(message.src_ip),
    destinationIp: text(message.dst_ip),
    ...readStartLine(startLine, text(message.method)),
    headers,
    callId: first('call-id'),
    cseq: cseq?.[2] === undefined ? undefined : { number: Number(cseq[1]), method: cseq[2].toUpperCase() },
    fromTag: tagOf(first('from')),
    toTag: tagOf(first('to')),
    branch: /;\s*branch\s*=\s*([^;,\s]+)/i.exec(via ?? '')?.[1],
    transport: /^\s*SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]{1,16})/i.exec(via ?? '')?.[1]?.toUpperCase(),
    body,
  };
}

/** Returns the values of a header, in order. The name's case is ignored; a compact name equals its long form. */
export function headerValues(message: Pick<ReadMessage, 'headers'>, name: string): string[] {
  const wanted = longName(name);
  return message.headers.filter((header) => header.name === wanted).map((header) => header.value);
}

/** Returns a header's name in lower case, with a compact name expanded. */
export function longName(name: string): string {
  const lower = name.trim().toLowerCase();
  return COMPACT_NAMES.get(lower) ?? lower;
}

function formatEndpoint(ip: unknown, port: unknown): Endpoint {
  const address = text(ip);
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return `${host === '' ? '?' : host}:${typeof port === 'number' ? port : '?'}`;
}

/** Returns a text field. The capture is JSON from another system, so a field that is not text is read as empty. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function split(raw: string): { head: string[]; body: string } {
  const start = /^[\r\n]*/.exec(raw)?.[0].length ?? 0;
  const blank = /\r\n\r\n|\n\r?\n|\r\r/g;
  blank.lastIndex = start;
  const end = blank.exec(raw);
  const head = raw.slice(start, end?.index);
  const body = end === null ? '' : raw.slice(end.index + end[0].length);
  const unfolded: string[] = [];
  for (const line of head.split(/\r\n|\n|\r/)) {
    const last = unfolded.length - 1;
    if (last > 0 && /^[ \t]/.test(line)) unfolded[last] += ` ${line.trim()}`;
    else unfolded.push(line);
  }
  return { head: unfolded, body };
}

function readHeader(line: string): { name: string; value: string }[] {
  const colon = line.indexOf(':');
  return colon < 1 ? [] : [{ name: longName(line.slice(0, colon)), value: line.slice(colon + 1).trim() }];
}

type StartLine = Pick<ReadMessage, 'method' | 'requestUri' | 'status' | 'reasonPhrase'>;

function readStartLine(line: string, captured: string): StartLine {
  const response = /^\s*SIP\s*\/\s*\d[.\d]*\s+([1-6]\d\d)(?!\d)\s*(.*)$/i.exec(line);
  if (response !== null) return statusLine(Number(response[1]), response[2]);
  const request = /^\s*([A-Za-z][A-Za-z0-9\-.!%*_+`'~]{0,31})\s+(\S+)\s+SIP\s*\/\s*\d/i.exec(line);
  if (request?.[1] !== undefined) return requestLine(request[1], request[2]);
  const status = /^\s*([1-6]\d\d)\s*$/.exec(captured);
  if (status !== null) return statusLine(Number(status[1]), undefined);
  const method = /^\s*([A-Za-z]{1,32})\s*$/.exec(captured)?.[1];
  return requestLine(method, undefined);
}

function statusLine(status: number, phrase: string | undefined): StartLine {
  return { method: undefined, requestUri: undefined, status, reasonPhrase: phrase?.trim() };
}

function requestLine(method: string | undefined, requestUri: string | undefined): StartLine {
  return { method: method?.toUpperCase(), requestUri, status: undefined, reasonPhrase: undefined };
}

/** Returns the tag. A display name may contain anything, so the tag is only searched for after the address. */
function tagOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const parameters = value.slice(value.lastIndexOf('>') + 1);
  return /;\s*tag\s*=\s*([^;,\s]+)/i.exec(parameters)?.[1];
}
