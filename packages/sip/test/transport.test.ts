import { expect, test } from 'vitest';
import { errorCodeOf, transportFailureText } from '../src/transport.ts';

const PEER = { address: '192.0.2.9', port: 5_061 };

test.each([
  ['udp', 'ECONNREFUSED', '192.0.2.9:5061 refuses UDP (ECONNREFUSED)'],
  ['tcp', 'ETIMEDOUT', '192.0.2.9:5061 cannot be reached over TCP (ETIMEDOUT)'],
  ['tls', 'ECONNREFUSED', '192.0.2.9:5061 refuses TLS (ECONNREFUSED)'],
  [
    'tls',
    'CERT_HAS_EXPIRED',
    'The certificate of carrier.example at 192.0.2.9:5061 is not accepted (CERT_HAS_EXPIRED)',
  ],
  [
    'tls',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'The certificate of carrier.example at 192.0.2.9:5061 is not accepted (ERR_TLS_CERT_ALTNAME_INVALID)',
  ],
] as const)('the failure over %s with %s is described in words', (transport, code, expected) => {
  expect(transportFailureText({ ...PEER, transport }, code, 'carrier.example')).toBe(expected);
});

test.each([
  [Object.assign(new Error('x'), { code: 'EPIPE' }), 'EPIPE'],
  [new Error('x'), 'x'],
  ['x', 'x'],
])('the code of %s is %s', (error, code) => {
  expect(errorCodeOf(error)).toBe(code);
});
