import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newcombeDifference, wilsonInterval } from '../src/intervals.ts';

// Newcombe 1998, Statistics in Medicine 17, 857–872, table I (method 3), and 873–890, table II (method 10).
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('Wilson’s interval of %i of %i lies between %d and %d', (successes, total, lower, upper) => {
  const interval = wilsonInterval(successes, total);
  expect(interval.lower).toBeCloseTo(lower, 4);
  expect(interval.upper).toBeCloseTo(upper, 4);
});

test.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [10, 10, 0, 20, 0.6791, 1],
])('Newcombe’s interval of %i of %i less %i of %i lies between %d and %d', (a, m, b, n, lower, upper) => {
  const difference = newcombeDifference(wilsonInterval(a, m), wilsonInterval(b, n));
  expect(difference.lower).toBeCloseTo(lower, 4);
  expect(difference.upper).toBeCloseTo(upper, 4);
  expect(difference.significant).toBe(true);
});

test('a proportion of no calls has no value and the widest interval', () => {
  expect(wilsonInterval(0, 0)).toEqual({ successes: 0, total: 0, lower: 0, upper: 1 });
  expect(newcombeDifference(wilsonInterval(0, 0), wilsonInterval(1, 1))).toEqual({
    lower: -1,
    upper: 1,
    significant: false,
  });
});

test('equal samples do not differ significantly', () => {
  const { value, significant } = newcombeDifference(wilsonInterval(5, 10), wilsonInterval(5, 10));
  expect({ value, significant }).toEqual({ value: 0, significant: false });
});

test('a proportion lies within its interval', () => {
  const sample = fc.nat(500).chain((total) => fc.tuple(fc.nat(total), fc.constant(total)));
  fc.assert(
    fc.property(sample, ([successes, total]) => {
      const { value, lower, upper } = wilsonInterval(successes, total);
      expect(value === undefined).toBe(total === 0);
      if (value !== undefined) {
        expect(value).toBeGreaterThanOrEqual(lower);
        expect(value).toBeLessThanOrEqual(upper);
      }
    }),
    { seed: 4898, examples: [[[0, 0]], [[0, 7]], [[7, 7]]] },
  );
});

test('a difference changes its sign when its samples are swapped', () => {
  const sample = fc.tuple(fc.nat(20), fc.integer({ min: 20, max: 60 }));
  fc.assert(
    fc.property(sample, sample, ([a, m], [b, n]) => {
      const forth = newcombeDifference(wilsonInterval(a, m), wilsonInterval(b, n));
      const back = newcombeDifference(wilsonInterval(b, n), wilsonInterval(a, m));
      expect(forth.lower).toBeCloseTo(-back.upper, 12);
      expect(forth.value).toBeCloseTo(-(back.value ?? Number.NaN), 12);
      expect(forth.significant).toBe(back.significant);
    }),
    { seed: 9916 },
  );
});
