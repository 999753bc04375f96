import { expect, test } from 'vitest';
import { localResponse } from '../src/local-response.ts';
import { outgoingRequest } from './outgoing-fixture.ts';

const LOCAL = { address: '192.0.2.1', port: 5_060 };
function linesOf(reason: string) {
  return Buffer.from(localResponse(outgoingRequest('INVITE'), LOCAL, 503, reason))
    .toString()
    .split('\r\n');
}

test('a local response says in the reason phrase and in a Warning what went wrong', () => {
  expect(linesOf('192.0.2.2:5060 refuses UDP (ECONNREFUSED)')).toEqual([
    'SIP/2.0 503 192.0.2.2:5060 refuses UDP (ECONNREFUSED)',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport',
    'From: <sip:us@192.0.2.1>;tag=ours',
    'To: <sip:them@192.0.2.2>;tag=local',
    'Call-ID: call',
    'CSeq: 7 INVITE',
    'Warning: 399 192.0.2.1:5060 "192.0.2.2:5060 refuses UDP (ECONNREFUSED)"',
    'Content-Length: 0',
    '',
    '',
  ]);
});

test.each([
  ['control characters', 'a\r\nX: y\u0000', 'a  X: y '],
  ['great length', 'a'.repeat(1_000), 'a'.repeat(300)],
])('a cause with %s stays on one line of limited length', (_what, reason, expected) => {
  const lines = linesOf(reason);
  expect([lines[0], lines[6], lines.length]).toEqual([
    `SIP/2.0 503 ${expected}`,
    `Warning: 399 192.0.2.1:5060 "${expected}"`,
    10,
  ]);
});
