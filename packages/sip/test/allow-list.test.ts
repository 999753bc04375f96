import { describe, expect, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';

describe('without names', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1'])('%s may be dialled', (address) => {
    expect(parseAllowList('').allows(address)).toBe(true);
  });

  test.each([
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
    '192.0.2.1',
    '::',
    '::ffff:10.0.0.1',
    'localhost',
    '',
  ])('%j may not', (address) => {
    expect(parseAllowList('').allows(address)).toBe(false);
  });

  test('a name is judged by its address', () => {
    const list = parseAllowList('');
    expect([list.allowsHost('localhost', '127.0.0.1'), list.allowsHost('example.com', '192.0.2.1')]).toEqual([
      true,
      false,
    ]);
    expect(list.loopbackOnly).toBe(true);
  });
});

test('networks and addresses are added to loopback', () => {
  const list = parseAllowList('198.51.100.0/24, 192.0.2.7\n2001:db8::/32');
  expect(list.loopbackOnly).toBe(false);
  const judged = [
    '198.51.100.255',
    '198.51.101.0',
    '192.0.2.7',
    '192.0.2.8',
    '2001:db8::9',
    '2001:db9::',
    '127.0.0.1',
  ];
  expect(judged.map((address) => list.allows(address))).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});

test('a named host stands for the addresses that it was resolved to, and for no others', () => {
  const list = parseAllowList('SIP.example.com');
  expect(list.allows('192.0.2.1')).toBe(false);
  expect(list.allowsHost('other.example.com', '192.0.2.1')).toBe(false);
  expect(list.allowsHost('sip.example.com', '192.0.2.1')).toBe(true);
  expect([list.allows('192.0.2.1'), list.allows('192.0.2.2')]).toEqual([true, false]);
});

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/x',
  '10.0.0.0/8/9',
  '2001:db8::/129',
  'example.com/24',
  '-',
  'a_b',
  '*',
])('%s is rejected by name', (entry) => {
  expect(() => parseAllowList(entry)).toThrow(
    `SIP_ALLOW: "${entry}" is not a host name, an address or a network`,
  );
});
