import { describe, expect, test } from 'vitest';
import { formatMessage, headerValue, headerValues } from '../src/message.ts';
import { SipSyntaxError } from '../src/scanner.ts';

const HEADERS = [
  { name: 'Via', value: 'SIP/2.0/UDP a' },
  { name: 'via', value: 'SIP/2.0/UDP b' },
  { name: 'To', value: '<sip:ö@example.com>' },
];

describe('a message as bytes', () => {
  test('has its headers in order, its length in bytes and its body', () => {
    const bytes = formatMessage('BYE sip:a SIP/2.0', HEADERS, Buffer.from('ä'));
    expect(Buffer.from(bytes).toString()).toBe(
      'BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nvia: SIP/2.0/UDP b\r\nTo: <sip:ö@example.com>\r\nContent-Length: 2\r\n\r\nä',
    );
  });

  test.each([
    ['a start line of two lines', 'BYE sip:a SIP/2.0\r\nX: y', 'X', 'y'],
    ['a name that is not a token', 'BYE sip:a SIP/2.0', 'X Y', 'y'],
    ['an empty name', 'BYE sip:a SIP/2.0', '', 'y'],
    ['a value of two lines', 'BYE sip:a SIP/2.0', 'X', 'y\r\nZ: z'],
    ['a value with a bare line feed', 'BYE sip:a SIP/2.0', 'X', 'y\nz'],
    ['a value with an escaped line feed', 'BYE sip:a SIP/2.0', 'X', '"y\\\nz"'],
    ['a value with NUL', 'BYE sip:a SIP/2.0', 'X', 'y\u0000'],
  ])('is rejected with %s', (_what, startLine, name, value) => {
    expect(() => formatMessage(startLine, [{ name, value }])).toThrow(SipSyntaxError);
  });

  test('may carry a control character that a peer escaped', () => {
    expect(() =>
      formatMessage('BYE sip:a SIP/2.0', [{ name: 'To', value: '"\\\u0001" <sip:a>' }]),
    ).not.toThrow();
  });
});

test('header values are found without case, in order', () => {
  expect(headerValues({ headers: HEADERS }, 'VIA')).toEqual(['SIP/2.0/UDP a', 'SIP/2.0/UDP b']);
  expect(headerValue({ headers: HEADERS }, 'Via')).toBe('SIP/2.0/UDP a');
  expect(() => headerValue({ headers: HEADERS }, 'From')).toThrow(SipSyntaxError);
});
