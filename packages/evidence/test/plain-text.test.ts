import { expect, test } from 'vitest';
import { columnsOf, cutTo, padTo, plainLine } from '../src/plain-text.ts';

test.each([
  ['a\u001b[2Jb', 'a·[2Jb'],
  ['a\r\nb\tc', 'a··b·c'],
  ['\u202eabc\u200b\u2066\ufeff', '·abc···'],
  ['\u009b1m', '·1m'],
  ['\ud800x', '·x'],
  ['é 통화 الخط 📞', 'é 통화 الخط 📞'],
])('%j becomes %j', (text, plain) => {
  expect(plainLine(text)).toBe(plain);
});

test.each([
  ['abc', 3],
  ['통화', 4],
  ['e\u0301', 1],
  ['📞', 2],
  ['', 0],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['ab cdef', 4, 'ab…'],
  ['통화중', 4, '통…'],
  ['abc', 0, '…'],
])('%s cut to %i is %s', (text, columns, cut) => {
  expect(cutTo(text, columns)).toBe(cut);
});

test('a line is padded by columns', () => {
  expect(padTo('통', 4)).toBe('통  ');
  expect(padTo('abcde', 4)).toBe('abcde');
});
