import { wilsonInterval } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { compareProportions, comparisonText, proportionText } from '../src/statistics.ts';

test.each([
  [0, 0, 'no calls'],
  [0, 10, '0/10, 0 to 28 %'],
  [8, 10, '8/10, 49 to 94 %'],
  [10, 10, '10/10, 72 to 100 %'],
])('a proportion of %i of %i is written "%s"', (successes, total, text) => {
  expect(proportionText(wilsonInterval(successes, total))).toBe(text);
});

test.each([
  [56, 70, 48, 80, '+20 percentage points, 95 % interval +5 to +33: significantly better', false],
  [48, 80, 56, 70, '-20 percentage points, 95 % interval -33 to -5: significantly worse', true],
  [9, 10, 10, 10, '-10 percentage points, 95 % interval -40 to +19: no significant difference', false],
  [5, 5, 5, 5, '0 percentage points, 95 % interval -43 to +43: no significant difference', false],
])(
  'the comparison of %i/%i with %i/%i reads "%s"',
  (successes, total, before, beforeTotal, text, isWorse) => {
    const comparison = compareProportions(
      'x',
      wilsonInterval(successes, total),
      wilsonInterval(before, beforeTotal),
    );
    expect(comparisonText(comparison)).toBe(`x: ${text}`);
    expect(comparison.isWorse).toBe(isWorse);
  },
);

test('without calls there is nothing to compare', () => {
  const comparison = compareProportions('x', wilsonInterval(0, 0), wilsonInterval(5, 5));
  expect(comparisonText(comparison)).toBe('x: no calls to compare');
  expect(comparison.isWorse).toBe(false);
});
