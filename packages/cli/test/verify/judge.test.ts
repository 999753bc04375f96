import { analyzeCall, type CallAnalysis } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { deviationOf, outcomeInPlan } from '../../src/verify/judge.ts';

const LIMITS = { maxRingSeconds: 2 };
function analysis(changes: Partial<CallAnalysis>): CallAnalysis {
  return {
    ...analyzeCall({ id: 'c', status: 'hangup' }),
    failure: 'none',
    ...changes,
  };
}

test.each<[Partial<CallAnalysis>, string]>([
  [{ state: 'progressing' }, 'unknown'],
  [{}, 'answered'],
  [{ failure: 'busy' }, 'busy'],
  [{ failure: 'cancelled', ringMs: 1000 }, 'cancelled'],
  [{ failure: 'cancelled', ringMs: 2100 }, 'no_answer'],
  [{ failure: 'cancelled' }, 'cancelled'],
])('a call with %j has the outcome %s', (changes, outcome) => {
  expect(outcomeInPlan(analysis(changes), LIMITS)).toBe(outcome);
});

test.each<[Partial<CallAnalysis>, Parameters<typeof deviationOf>[1], string | undefined]>([
  [{}, { outcome: 'answered' }, undefined],
  [{ failure: 'busy' }, { outcome: 'answered' }, 'busy instead of answered'],
  [{ failure: 'busy', sipStatus: 486 }, { outcome: 'busy', sipStatus: 486 }, undefined],
  [{ failure: 'busy', sipStatus: 600 }, { outcome: 'busy', sipStatus: 486 }, 'SIP status 600 instead of 486'],
  [{ failure: 'busy' }, { sipStatus: 486 }, 'no SIP status was captured instead of 486'],
  [{ postDialDelayMs: 900 }, { maxPostDialDelayMs: 900 }, undefined],
  [{ postDialDelayMs: 901 }, { maxPostDialDelayMs: 900 }, 'post-dial delay 901 ms, more than 900 ms'],
  [{}, { maxPostDialDelayMs: 900 }, 'its post-dial delay was not measured'],
])('a call with %j deviates from %j: %s', (changes, expectation, deviation) => {
  expect(deviationOf(analysis(changes), expectation, LIMITS)).toBe(deviation);
});
