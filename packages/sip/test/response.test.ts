import { describe, expect, test } from 'vitest';
import type { SipRequest } from '../src/message.ts';
import { parseMessage } from '../src/parse-message.ts';
import { responseBytes, responsePort } from '../src/response.ts';

function request(via: string, to = '<sip:us@192.0.2.1>'): SipRequest {
  const message = parseMessage(
    Buffer.from(
      `OPTIONS sip:us@192.0.2.1 SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: ${to}\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n`,
    ),
  );
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

const ORIGIN = { address: '192.0.2.9', port: 6_000 };

describe('a response', () => {
  test('copies what RFC 3261 §8.2.6 says and notes where the request came from', () => {
    const asked = request('SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1;rport, SIP/2.0/UDP 192.0.2.3;rport');
    const bytes = responseBytes(asked, ORIGIN, { status: 200, reason: 'OK', toTag: 'ours' });
    expect(Buffer.from(bytes).toString().split('\r\n')).toEqual([
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1;rport=6000;received=192.0.2.9, SIP/2.0/UDP 192.0.2.3;rport',
      'From: <sip:a@b>;tag=1',
      'To: <sip:us@192.0.2.1>;tag=ours',
      'Call-ID: c',
      'CSeq: 1 OPTIONS',
      'Server: ProviderCall/0.1',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('keeps the tag that To has', () => {
    const bytes = responseBytes(request('SIP/2.0/UDP a;branch=z9hG4bK1', '<sip:us@b>;tag=kept'), ORIGIN, {
      status: 481,
      reason: 'No',
      toTag: 'ours',
    });
    expect(Buffer.from(bytes).toString()).toContain('To: <sip:us@b>;tag=kept\r\n');
  });

  test.each([
    ['SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK1;rport', 6_000],
    ['SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK1', 5_070],
    ['SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1', 5_060],
  ])('to %s goes to port %i', (via, port) => {
    expect(responsePort(request(via), ORIGIN)).toBe(port);
  });
});
