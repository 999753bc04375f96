import { expect, test } from 'vitest';
import { type Column, csvText, tableLines } from '../src/table.ts';

type Row = { name: string; count: number };
const COLUMNS: Column<Row>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'count', align: 'right', value: ({ count }) => String(count) },
];
const ROWS = [
  { name: 'Answers', count: 3 },
  { name: 'Bu\tsy\u001b', count: 12 },
];
function style(_: string, text: string) {
  return text;
}

test('a table is aligned below its titles on a terminal', () => {
  expect(tableLines(ROWS, COLUMNS, { isFormatted: true, style })).toEqual([
    'name         count',
    'Answers          3',
    'Bu sy\\u001b     12',
  ]);
});

test('a table is separated by tabs in a pipe, one line a row', () => {
  expect(tableLines(ROWS, COLUMNS, { isFormatted: false, style })).toEqual([
    'Answers\t3',
    'Bu sy\\u001b\t12',
  ]);
});

test('a table may have more rows than a function has arguments', () => {
  const rows = Array.from({ length: 200_000 }, () => ({ name: 'Answers', count: 3 }));
  expect(tableLines(rows, COLUMNS, { isFormatted: true, style })).toHaveLength(200_001);
});

test('CSV fields are quoted as RFC 4180 requires', () => {
  expect(csvText([{ name: 'a "b", c\nd', count: 1 }], COLUMNS)).toBe('name,count\r\n"a ""b"", c\nd",1\r\n');
});
