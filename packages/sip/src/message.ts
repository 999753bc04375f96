import type { NameAddress } from './name-address.ts';
import { SipSyntaxError, tokenPattern } from './scanner.ts';
import type { Via } from './via.ts';

/** A header field as it is, or will be, on the wire; lines unfolded, compact names written out. */
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
  contacts: NameAddress[];
  recordRoutes: NameAddress[];
};

export type SipRequest = ParsedFields & { kind: 'request'; method: string; uri: string };
export type SipResponse = ParsedFields & { kind: 'response'; status: number; reason: string };
export type SipMessage = SipRequest | SipResponse;

const encoder = new TextEncoder();

export const emptyBody = new Uint8Array();

/** Every value of one header, in order; names are compared without case. */
export function headerValues(message: { headers: SipHeader[] }, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers
    .filter((header) => header.name.toLowerCase() === wanted)
    .map((header) => header.value);
}

/**
 * A message as bytes. Content-Length is added. Refuses a header name that is no token and any value that would not
 * stay on its line, whatever the caller was told to send: this is the last gate against injected headers.
 */
export function formatMessage(
  startLine: string,
  headers: SipHeader[],
  body: Uint8Array = emptyBody,
): Uint8Array {
  refuseControls(startLine);
  const lines = headers.map(({ name, value }) => {
    tokenPattern.lastIndex = 0;
    if (tokenPattern.exec(name)?.[0] !== name) throw new SipSyntaxError('bad header name');
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
      // A peer's own quoted pair may carry one (RFC 3261 25.1) and comes back in To or From; a line break never may.
      if (!escaped) throw new SipSyntaxError('control character in a header');
    }
  }
}
