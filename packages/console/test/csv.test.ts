import { expect, test } from 'vitest';
import { csvOf } from '../src/page/csv.ts';

test('csvOf writes a byte order mark, CRLF, and quotes where they are needed', () => {
  expect(
    csvOf(
      ['a', 'b'],
      [
        ['x,y', 'say "hi"'],
        ['line\nbreak', null],
        [1, undefined],
      ],
    ),
  ).toBe('\uFEFFa,b\r\n"x,y","say ""hi"""\r\n"line\nbreak",\r\n1,\r\n');
});

test.each([
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+cmd|calc', "'+cmd|calc"],
  ['-2+3', "'-2+3"],
  ['\t=1', "'\t=1"],
  ['+821012345678', '+821012345678'],
  ['-5.5', '-5.5'],
  ['plain', 'plain'],
])('the cell %j is written as %j, which no spreadsheet evaluates', (value, cell) => {
  expect(csvOf(['h'], [[value]])).toBe(`\uFEFFh\r\n${cell}\r\n`);
});
