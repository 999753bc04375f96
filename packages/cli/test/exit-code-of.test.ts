import { analyzeCall, FAILURES } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { exitCodeOf } from '../src/exit-code-of.ts';

function analysis(failure: (typeof FAILURES)[number]) {
  return {
    ...analyzeCall({ id: 'c', status: 'hangup' }),
    failure,
  };
}

test('every failure has the exit code of the contract', () => {
  expect(Object.fromEntries(FAILURES.map((failure) => [failure, exitCodeOf([analysis(failure)])]))).toEqual({
    none: 0,
    busy: 10,
    no_answer: 10,
    rejected: 11,
    authentication: 11,
    unreachable: 12,
    dns: 12,
    timeout: 12,
    cancelled: 14,
    blocked: 15,
    local: 15,
  });
});

test.each([
  [[undefined, analysis('dns')], 20],
  [[], 20],
  [[analysis('rejected'), analysis('dns')], 12],
  [[analysis('local'), analysis('rejected')], 11],
  [[analysis('cancelled'), analysis('blocked')], 15],
  [[analysis('busy'), analysis('cancelled')], 14],
  [[analysis('none'), analysis('busy')], 10],
  [[analysis('none'), analysis('none')], 0],
])('several calls have the exit code of the worst: %#', (analyses, code) => {
  expect(exitCodeOf(analyses)).toBe(code);
});
