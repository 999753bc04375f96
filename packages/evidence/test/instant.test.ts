import { expect, test } from 'vitest';
import { inOrderOfTime, microsecondsOf, millisecondsBetween } from '../src/instant.ts';

const BASE = 1_776_813_300_000_000;

test.each([
  ['2026-04-21 23:15:00.000000', BASE],
  ['2026-04-21T23:15:00.000000Z', BASE],
  ['2026-04-21T23:15:00Z', BASE],
  ['2026-04-21T23:15:00.25Z', BASE + 250_000],
  ['2026-04-21T23:15:00.123456789Z', BASE + 123_456],
  ['2026-04-22T01:15:00.000001+02:00', BASE + 1],
  ['2026-04-22T01:15:00+0200', BASE],
])('the timestamp %s is read', (timestamp, time) => {
  expect(microsecondsOf(timestamp)).toBe(time);
});

test.each([
  '',
  'now',
  '2026-04-21',
  '2026-13-21 23:15:00',
  '2026-04-21 25:15:00',
  null,
  undefined,
  1_776_813_300,
])('%j is not a timestamp', (timestamp) => {
  expect(microsecondsOf(timestamp)).toBeUndefined();
});

test.each([
  [BASE, BASE + 1_234_560, 1_234.6],
  [BASE, BASE, 0],
  [BASE + 1, BASE, undefined],
  [undefined, BASE, undefined],
  [BASE, undefined, undefined],
])('from %s to %s are %s milliseconds', (start, end, milliseconds) => {
  expect(millisecondsBetween(start, end)).toBe(milliseconds);
});

test('timestamps with different numbers of decimals are put in order of time', () => {
  const seconds = ['00', '00.1', '00.12', '00.120001', '00.1234567', '00.5', '01', '01.000001', '10'];
  const items = seconds.map((second) => ({ second, time: microsecondsOf(`2026-04-21T23:15:${second}Z`) }));
  expect(inOrderOfTime(items.toReversed()).map(({ second }) => second)).toEqual(seconds);
});

test('items are put in order of time, and those without one stay behind the one before them', () => {
  const items = [
    { name: 'first of all', time: undefined },
    { name: 'last', time: 3 },
    { name: 'with the last', time: undefined },
    { name: 'first', time: 1 },
    { name: 'equal', time: 1 },
  ];
  expect(inOrderOfTime(items).map(({ name }) => name)).toEqual([
    'first of all',
    'first',
    'equal',
    'last',
    'with the last',
  ]);
});
