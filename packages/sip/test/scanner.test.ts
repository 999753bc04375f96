import { describe, expect, test } from 'vitest';
import { quote, Scanner, SipSyntaxError, scanParameters, TOKEN_PATTERN, unquote } from '../src/scanner.ts';

test('a scanner reads a value part by part', () => {
  const scanner = new Scanner('Digest  a = "b\\"c" , d');
  expect(scanner.need(TOKEN_PATTERN, 'scheme')).toBe('Digest');
  expect(scanner.skipSpace()).toBe(true);
  expect(scanner.take(TOKEN_PATTERN)).toBe('a');
  expect(scanner.takeSeparator(';')).toBe(false);
  expect(scanner.takeSeparator('=')).toBe(true);
  expect(scanner.takeQuoted()).toBe('"b\\"c"');
  expect(() => scanner.end('value')).toThrow('text after the value at character 19');
  expect(scanner.takeSeparator(',')).toBe(true);
  expect(scanner.next).toBe('d');
  expect(() => scanner.need(/x/y, 'x')).toThrow(SipSyntaxError);
});

describe('parameters', () => {
  test.each([
    ['', []],
    [
      '; a ; B=c;d="e;f"',
      [
        ['a', undefined],
        ['b', 'c'],
        ['d', '"e;f"'],
      ],
    ],
    [
      ';received=2001:db8::1;rport=5',
      [
        ['received', '2001:db8::1'],
        ['rport', '5'],
      ],
    ],
  ])('%j are read', (text, expected) => {
    expect([...scanParameters(new Scanner(text))]).toEqual(expected);
  });

  test.each([';', ';=a', ';a=', ';a;A', ';a="b'])('%j are rejected', (text) => {
    expect(() => scanParameters(new Scanner(text))).toThrow(SipSyntaxError);
  });
});

test.each(['', 'a "b" \\c', 'ö'])('%j is quoted and unquoted', (text) => {
  expect(unquote(quote(text))).toBe(text);
});

test('a quoted text stays on one line', () => {
  expect(quote('a\r\nb\u0000')).toBe('"a  b "');
});
