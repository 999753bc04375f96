import { describe, expect, test } from 'vitest';
import { expiresAfterMs, refreshAfterMs, sessionTimerHeaders, sessionTimerIn } from '../src/session-timer.ts';

describe('a session interval', () => {
  test.each([
    ['1800', { seconds: 1_800, refresher: undefined }],
    ['90;refresher=UAC', { seconds: 90, refresher: 'uac' }],
    [' 90 ; foo=bar ; refresher=uas', { seconds: 90, refresher: 'uas' }],
    ['90;refresher=proxy', { seconds: 90, refresher: undefined }],
  ])('%j is read', (value, expected) => {
    expect(sessionTimerIn([value])).toEqual(expected);
  });

  test.each(['', 'soon', '90 s', '-1'])('%j is ignored', (value) => {
    expect(sessionTimerIn([value])).toBeUndefined();
  });

  test('is the first that can be read', () => {
    expect(sessionTimerIn(['soon', '90'])).toEqual({ seconds: 90, refresher: undefined });
    expect(sessionTimerIn([])).toBeUndefined();
  });

  test.each([
    [90, 45_000, 60_000],
    [1_800, 900_000, 1_768_000],
  ])('of %i s is refreshed after %i ms and given up after %i ms', (seconds, refresh, expiry) => {
    expect([refreshAfterMs(seconds), expiresAfterMs(seconds)]).toEqual([refresh, expiry]);
  });
});

test.each([
  [1_800, undefined, undefined, ['Session-Expires: 1800']],
  [3_600, 3_600, 'uac', ['Session-Expires: 3600;refresher=uac', 'Min-SE: 3600']],
] as const)('an interval of %i s is requested', (seconds, min, refresher, expected) => {
  expect(sessionTimerHeaders(seconds, min, refresher).map(({ name, value }) => `${name}: ${value}`)).toEqual(
    expected,
  );
});
