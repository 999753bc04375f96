import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { formatTimestamp, timestampMilliseconds, timestampSchema } from '../../functions/timestamp.ts';

describe('a timestamp', () => {
  test.each([
    ['2026-04-21 23:15:00.000000', '2026-04-21 23:15:00.000000'],
    ['2026-04-21T23:15:00.000000Z', '2026-04-21 23:15:00.000000'],
    ['2024-02-29 00:00:00.123456', '2024-02-29 00:00:00.123456'],
    ['9999-01-01 00:00:00.000000', '9999-01-01 00:00:00.000000'],
  ])('%s is %s', (text, timestamp) => {
    expect(timestampSchema.parse(text)).toBe(timestamp);
  });

  test.each([
    [''],
    ['2026-04-21'],
    ['2026-04-21 23:15:00'],
    ['2026-04-21 23:15:00.000'],
    ['2026-04-21 23:15:00.0000000'],
    ['2026-02-29 00:00:00.000000'],
    ['2026-13-01 00:00:00.000000'],
    ['2026-04-21 24:00:00.000000'],
    ['2026-04-21 23:59:60.000000'],
    ['2026-04-21 23:15:00.000000+01:00'],
    [' 2026-04-21 23:15:00.000000'],
    ['2026-04-21 23:15:00.000000\n'],
    ['+002026-04-21 23:15:00.000000'],
    ['２026-04-21 23:15:00.000000'],
    [1776813300000],
    [null],
  ])('%j is rejected', (value) => {
    expect(z.safeParse(timestampSchema, value).success).toBe(false);
  });
});

test('a date is written in UTC with microseconds', () => {
  expect(formatTimestamp(new Date(Date.UTC(2026, 3, 21, 23, 15, 0, 7)))).toBe('2026-04-21 23:15:00.007000');
});

test('timestamps sort by time', () => {
  const times = [0, 1, 999, 1000, 86_400_000, 1_776_813_300_000, 253_370_764_800_000];
  const written = times.map((time) => formatTimestamp(new Date(time)));
  expect(written.toSorted()).toEqual(written);
  expect(written.map(timestampMilliseconds)).toEqual(times);
});

test('milliseconds of anything else are an error', () => {
  expect(() => timestampMilliseconds('yesterday')).toThrow(RangeError);
});
