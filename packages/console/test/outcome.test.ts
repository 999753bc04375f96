import { FAILURES, type Outcome } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { labelOf, stateLabel, summaryOf } from '../src/page/outcome.ts';

test('every outcome has a label and a sign of its own, so that no two differ by colour alone', () => {
  const outcomes: Outcome[] = [...FAILURES, 'unknown'];
  const labels = outcomes.map(labelOf);
  expect(new Set(labels.map(({ sign }) => sign)).size).toBe(outcomes.length);
  expect(new Set(labels.map(({ label }) => label)).size).toBe(outcomes.length);
});

test('summaryOf counts outcomes, the most frequent first', () => {
  expect(summaryOf(['busy', 'none', 'none', 'rejected'])).toBe('2 answered, 1 busy, 1 rejected');
});

test.each([
  ['progressing', 'Talking'],
  ['hangup', 'Ended'],
  ['parked', 'parked'],
  ['', 'Unknown'],
])('the status "%s" is shown as %s', (status, label) => {
  expect(stateLabel(status)).toBe(label);
});
