import { describe, expect, test } from 'vitest';
import { SipSyntaxError } from '../src/scanner.ts';
import { escapeUser, formatSipUri, parseHostPort, parseSipUri, unescapeUser } from '../src/uri.ts';

describe('a SIP URI', () => {
  test.each([
    'sip:example.com',
    'sips:a@example.com:5061',
    'sip:+14155551234@192.0.2.1;transport=udp',
    'sip:a:secret@[2001:db8::1]:5070;lr;maddr=192.0.2.9?X=1&Y=',
    'sip:a%40b;phone-context=x@example.com',
  ])('%s reads and writes the same', (text) => {
    expect(formatSipUri(parseSipUri(text))).toBe(text);
  });

  test.each([
    'sip:',
    'sip:@example.com',
    'sip:a@',
    'sip:a@b@example.com',
    'sip:a b@example.com',
    'sip:a@example.com:0',
    'sip:a@example.com:99999',
    'sip:a@example.com:port',
    'sip:a@-example.com',
    'sip:a@1.2.3.4.5',
    'sip:a@[::1',
    'sip:a@[fe80::1%eth0]',
    'sip:a%4@example.com',
    'sip:a:b c@example.com',
    'sip:example.com;a;a',
    'sip:example.com;a=',
    'sip:example.com;=a',
    'sip:example.com?',
    'sip:example.com?=1',
    'sip:example.com?a=\r\n',
    'tel:+14155551234',
    'example.com',
  ])('rejects %j', (text) => {
    expect(() => parseSipUri(text)).toThrow(SipSyntaxError);
  });
});

test.each([
  ['example.com', { host: 'example.com' }],
  ['EXAMPLE.com.:5070', { host: 'example.com.', port: 5070 }],
  ['192.0.2.1:5060', { host: '192.0.2.1', port: 5060 }],
  ['[2001:db8::1]:5060', { host: '2001:db8::1', port: 5060 }],
])('the host %s is read', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected);
});

test.each([
  ['+82 10-1234', '+82%2010-1234'],
  ['a@b:c#d"<e>', 'a%40b%3Ac%23d%22%3Ce%3E'],
  ['100%', '100%25'],
  ['a\r\nVia: x', 'a%0D%0AVia%3A%20x'],
  ['Ö☎', '%C3%96%E2%98%8E'],
  ['\ud800', '%EF%BF%BD'],
  ['', ''],
])('the user %j is escaped as %s', (text, expected) => {
  expect(escapeUser(text)).toBe(expected);
  if (text !== '\ud800') expect(unescapeUser(expected)).toBe(text);
});
