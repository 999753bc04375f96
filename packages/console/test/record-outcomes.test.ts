import { describe, expect, test } from 'vitest';
import { callsTokenOf, coversRecords } from '../src/page/record-outcomes.ts';
import { callWith, recordWith } from './fixtures.ts';

test('the token begins a minute after the newest record', () => {
  expect(callsTokenOf([recordWith(), recordWith({ tm_create: '2026-11-24 00:00:00.000000' })])).toBe(
    '2026-11-25 00:01:00.000000',
  );
  expect(callsTokenOf([])).toBeUndefined();
});

describe('records are covered', () => {
  const records = [
    recordWith({ call_ids: ['b'] }),
    recordWith({ call_ids: ['a'], tm_create: '2026-11-24 00:00:00.000000' }),
  ];
  const newer = callWith({ id: 'b' });

  test.each([
    ['not by no calls', [], false],
    ['not by some of the calls', [newer], false],
    ['by all of the calls', [newer, callWith({ id: 'a', tm_create: '2026-11-24 00:00:01.000000' })], true],
    [
      'by calls older than every record',
      [newer, callWith({ id: 'c', tm_create: '2026-11-23 00:00:00.000000' })],
      true,
    ],
    [
      'not by a call that is younger, though its timestamp has fewer decimals',
      [newer, callWith({ id: 'c', tm_create: '2026-11-24T00:00:00.5Z' })],
      false,
    ],
  ])('%s', (_, calls, isCovered) => {
    expect(coversRecords(calls, records)).toBe(isCovered);
  });
});
