import { expect, test } from 'vitest';
import type { SipMessage } from '../src/index.ts';
import { pcapOf } from '../src/pcap.ts';

const MESSAGE: SipMessage = {
  timestamp: '2026-04-21T23:15:00.000250Z',
  method: 'BYE',
  src_ip: '192.0.2.10',
  src_port: 5060,
  dst_ip: '203.0.113.5',
  dst_port: 5080,
  raw: 'BYE é\r\n',
};

function hex(bytes: Uint8Array) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const FILE_HEADER = 'a1b2c3d4 0002 0004 00000000 00000000 00010027 00000065'.replaceAll(' ', '');

test('an IPv4 message is one UDP datagram, byte for byte', () => {
  const packet = [
    // IPv4: version, length 36, do not fragment, TTL 64, UDP, checksum, addresses
    '45000024 00004000 4011 3cb9 c000020a cb007105',
    // UDP: ports, length 16, checksum
    '13c4 13d8 0010 81f4',
    '42594520 c3a9 0d0a',
  ];
  // 2026-04-21 23:15:00 UTC is 1776813300 s; 250 microseconds; 36 bytes, captured whole
  const record = '69e804f4 000000fa 00000024 00000024';
  expect(hex(pcapOf([MESSAGE]))).toBe(FILE_HEADER + [record, ...packet].join('').replaceAll(' ', ''));
});

test('an IPv6 message is one UDP datagram, byte for byte', () => {
  const message = { ...MESSAGE, src_ip: '2001:db8::a', dst_ip: '2001:db8::5' };
  const packet = [
    '60000000 0010 11 40',
    '20010db8 00000000 00000000 0000000a',
    '20010db8 00000000 00000000 00000005',
    '13c4 13d8 0010 2484',
    '42594520 c3a9 0d0a',
  ];
  const record = '69e804f4 000000fa 00000038 00000038';
  expect(hex(pcapOf([message]))).toBe(FILE_HEADER + [record, ...packet].join('').replaceAll(' ', ''));
});

test('a capture of no messages is a file without packets', () => {
  expect(hex(pcapOf([]))).toBe(FILE_HEADER);
});

test.each([
  ['a host name for an address', { src_ip: 'carrier.example' }, '00000000'],
  ['no address', { src_ip: '' }, '00000000'],
  ['an address in brackets', { src_ip: '[192.0.2.1]' }, 'c0000201'],
])('%s is written so that the packet stays readable', (_, change, source) => {
  const bytes = hex(pcapOf([{ ...MESSAGE, ...change }]));
  expect(bytes.slice((24 + 16 + 12) * 2, (24 + 16 + 16) * 2)).toBe(source);
});

test('an IPv4 address next to an IPv6 one is written IPv4-mapped', () => {
  const bytes = hex(pcapOf([{ ...MESSAGE, dst_ip: '::1' }]));
  expect(bytes.slice((24 + 16 + 8) * 2, (24 + 16 + 24) * 2)).toBe('00000000000000000000ffffc000020a');
});

test('a message without a readable time gets that of the one before it', () => {
  const bytes = pcapOf([MESSAGE, { ...MESSAGE, timestamp: 'soon' }]);
  const view = new DataView(bytes.buffer);
  const second = 24 + 16 + 36;
  expect([view.getUint32(second), view.getUint32(second + 4)]).toEqual([1_776_813_300, 250]);
});

test.each([-1, 65_536, 0.5, Number.NaN])('port %s is written as 0', (port) => {
  const view = new DataView(pcapOf([{ ...MESSAGE, src_port: port }]).buffer);
  expect(view.getUint16(24 + 16 + 20)).toBe(0);
});

test.each([
  ['192.0.2.10', 65_535],
  ['2001:db8::1', 40 + 65_535],
])('a message from %s that no datagram can hold is cut to one of %i bytes', (ip, length) => {
  const message = { ...MESSAGE, src_ip: ip, dst_ip: ip, raw: 'x'.repeat(70_000) };
  expect(pcapOf([message]).byteLength).toBe(24 + 16 + length);
});

test('a checksum of zero, which would mean none, is written as 0xffff', () => {
  const messages = Array.from({ length: 65_536 }, (_, port) => ({ ...MESSAGE, src_port: port }));
  const view = new DataView(pcapOf(messages).buffer);
  const checksums = messages.map((_, at) => view.getUint16(24 + at * (16 + 36) + 16 + 20 + 6));
  expect(checksums).not.toContain(0);
  expect(checksums).toContain(0xffff);
});
