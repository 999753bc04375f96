import { FAILURES } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { labelOf, outcomeOfCall, type ShownOutcome, stateLabel, summaryOf } from '../src/page/outcome.ts';
import { callWith } from './fixtures.ts';

test('every outcome has a label and a sign of its own, so that no two differ by colour alone', () => {
  const outcomes: ShownOutcome[] = [...FAILURES, 'unknown', 'failed'];
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
  ['constructor', 'constructor'],
  ['', 'Unknown'],
])('the status "%s" is shown as %s', (status, label) => {
  expect(stateLabel(status)).toBe(label);
});

test.each([
  [{}, 'none'],
  [{ hangup_reason: 'busy', tm_progressing: null }, 'busy'],
  // Only the messages show whether the provider rejected the call or was not reached.
  [{ hangup_reason: 'failed', tm_ringing: null, tm_progressing: null }, 'failed'],
  [{ status: 'ringing', hangup_reason: '', tm_progressing: null, tm_hangup: null }, 'unknown'],
])('a Call alone with %o has the outcome %s', (changes, outcome) => {
  expect(outcomeOfCall(callWith(changes))).toBe(outcome);
});
