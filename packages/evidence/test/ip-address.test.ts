import { expect, test } from 'vitest';
import { addressBytes, isPrivateAddress } from '../src/ip-address.ts';

function hex(bytes: Uint8Array | undefined) {
  return bytes === undefined
    ? undefined
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

test.each([
  ['192.0.2.10', 'c000020a'],
  ['0.0.0.0', '00000000'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['2001:db8::a:b', '20010db80000000000000000000a000b'],
  ['2001:DB8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['[fe80::1%eth0]', `fe80${'0'.repeat(27)}1`],
])('the address %s is read', (text, bytes) => {
  expect(hex(addressBytes(text))).toBe(bytes);
});

test.each([
  ...[
    '',
    'carrier.example',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.x',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
  ],
  ...['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8:9', 'g::1', '12345::1', '192.0.2.1::1', undefined, 5],
])('%j is not an address', (text) => {
  expect(addressBytes(text)).toBeUndefined();
});

test.each([
  ...[
    '10.1.2.3',
    '127.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '0.0.0.0',
  ],
  ...['::1', '::', '0:0:0:0:0:0:0:1', 'fd00::1', 'FC00::1', 'fe80::1', 'febf::1', '[fe80::1%eth0]'],
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  ...[
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '2001:db8::1',
    'fec0::1',
    'fd::1',
    '::2',
    '1::1',
    ':::',
  ],
  ...['carrier.example', ''],
])('%s is not private', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});
