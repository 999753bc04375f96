import { describe, expect, test } from 'vitest';
import { agoText, clockText, durationText, instantOf, localTime, utcTime } from '../src/page/time.ts';

const INSTANT = new Date('2026-04-21T23:15:00.123Z');

describe('instantOf', () => {
  test.each(['2026-04-21 23:15:00.123456', '2026-04-21T23:15:00.123456Z', '2026-04-21T23:15:00.123Z'])(
    '%s is read as UTC',
    (timestamp) => {
      expect(instantOf(timestamp)).toEqual(INSTANT);
    },
  );

  // Go leaves out trailing zeros.
  test.each([
    ['2026-04-21T23:15:01Z', 1_000],
    ['2026-04-21T23:15:00.1Z', 100],
    ['2026-04-21T23:15:00.12Z', 120],
    ['2026-04-21 23:15:00.1234567', 123],
  ])('%s is read whatever its number of decimals', (timestamp, milliseconds) => {
    expect(instantOf(timestamp)).toEqual(new Date(Date.UTC(2026, 3, 21, 23, 15) + milliseconds));
  });

  test.each([null, undefined, '', 'yesterday', '2026-13-41 99:99:99'])(
    '%s is not an instant',
    (timestamp) => {
      expect(instantOf(timestamp)).toBeUndefined();
    },
  );
});

describe('localTime', () => {
  const options = { locale: 'en-GB', timeZone: 'Asia/Seoul' };

  test.each([
    ['2026-04-22T03:00:00Z', '08:15:00'],
    ['2026-05-01T00:00:00Z', '22 Apr, 08:15:00'],
    ['2027-01-01T12:00:00Z', '22 Apr 2026, 08:15:00'],
  ])('read at %s, an instant is %s in the reader’s time zone', (now, text) => {
    expect(localTime(INSTANT, new Date(now), options)).toBe(text);
  });
});

test('utcTime names the zone', () => {
  expect(utcTime(INSTANT)).toBe('2026-04-21 23:15:00.123 UTC');
});

test.each([
  [0, '0 ms'],
  [312.4, '312 ms'],
  [999.6, '1.00 s'],
  [1_250, '1.25 s'],
  [12_340, '12.3 s'],
  [59_960, '1 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_600_000, '1 h 00 min'],
])('a duration of %d ms is shown as %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test.each([
  [7, '0:07'],
  [750, '12:30'],
])('a clock that has run for %d s shows %s', (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});

test.each([
  [0, 'just now'],
  [-5, 'just now'],
  [42, '42 s ago'],
  [180, '3 min ago'],
  [7_300, '2 h ago'],
  [90_000, '1 day ago'],
  [200_000, '2 days ago'],
])('an instant %d s in the past is shown as %s', (seconds, text) => {
  expect(agoText(INSTANT, new Date(INSTANT.getTime() + seconds * 1_000))).toBe(text);
});
