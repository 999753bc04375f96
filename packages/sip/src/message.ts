import type { NameAddress } from './name-address.ts';
import { isToken, SipSyntaxError } from './scanner.ts';
import type { Via } from './via.ts';

/** A header field as it is, or will be, on the wire, with lines unfolded and compact names expanded. */
export type SipHeader = { name: string; value: string };

type ParsedFields = {
  headers: SipHeader[];
  body: Uint8Array;
  /** Never empty. */
  vias: [Via, ...Via[]];
  from: NameAddress;
  to: NameAddress;
  callId: string;
  cseq: { number: number; method: string };
  /** Empty if Contact or Record-Route cannot be read; `routingProblem` then says what is wrong. */
  contacts: NameAddress[];
  recordRoutes: NameAddress[];
  routingProblem?: string;
};

export type SipRequest = ParsedFields & { kind: 'request'; method: string; uri: string };
export type SipResponse = ParsedFields & { kind: 'response'; status: number; reason: string };
export type SipMessage = SipRequest | SipResponse;

const encoder = new TextEncoder();

/** The body of a message without one. */
export const EMPTY_BODY = new Uint8Array();

/**
 * Returns the first value of a header whose presence is guaranteed by the parser or builder of a message, such as To.
 *
 * @throws {SipSyntaxError} when there is none.
 */
export function headerValue(message: { headers: SipHeader[] }, name: string): string {
  const [value] = headerValues(message, name);
  if (value === undefined) throw new SipSyntaxError(`no ${name}`);
  return value;
}

/** Returns all values of a header, in order; the name's case is ignored. */
export function headerValues(message: { headers: SipHeader[] }, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers
    .filter((header) => header.name.toLowerCase() === wanted)
    .map((header) => header.value);
}

/**
 * Returns a message as bytes, with its Content-Length. This is the last safeguard against injected headers.
 *
 * @throws {SipSyntaxError} when a header's name is not a token or its value would not stay on its line.
 */
export function formatMessage(
  startLine: string,
  headers: SipHeader[],
  body: Uint8Array = EMPTY_BODY,
): Uint8Array {
  refuseControls(startLine);
  const lines = headers.map(({ name, value }) => {
    if (!isToken(name)) throw new SipSyntaxError('bad header name');
    refuseControls(value);
    return `${name}: ${value}`;
  });
  const head = [startLine, ...lines, `Content-Length: ${body.byteLength}`, '', ''].join('\r\n');
  const headBytes = encoder.encode(head);
  const message = new Uint8Array(headBytes.byteLength + body.byteLength);
  message.set(headBytes);
  message.set(body, headBytes.byteLength);
  return message;
}

function refuseControls(line: string): void {
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    const escaped = at > 0 && line.charCodeAt(at - 1) === 0x5c && code !== 0x0d && code !== 0x0a;
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      // A peer's quoted pair may contain one (RFC 3261 §25.1), which is sent back in To or From; a line break is never
      // allowed.
      if (!escaped) throw new SipSyntaxError('control character in a header');
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the text of a message. Bytes that are not UTF-8 are read as Latin-1, so that none of them is lost. */
export function decodeMessage(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  }
}
