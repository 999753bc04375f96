import { expect, test } from 'vitest';
import { plainLine, plainText } from '../src/plain-text.ts';

test.each([
  ['\u001b[31mred', '\\u001b[31mred'],
  ['a\u0007b', 'a\\u0007b'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['\u009b2J', '\\u009b2J'],
  ['a\r\nb', 'a\nb'],
  ['a\rb', 'a\\u000db'],
  ['김민수 O’Neil', '김민수 O’Neil'],
])('%j is written as %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test('a plain line has neither line breaks nor tabs', () => {
  expect(plainLine('a\tb\nc')).toBe('a b\\nc');
});
