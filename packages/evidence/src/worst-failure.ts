import type { CallAnalysis } from './analyze-call.ts';
import type { Failure } from './failure.ts';

/** A failure, or `unknown` if a call has not ended or nothing is known about it. */
export type Outcome = Failure | 'unknown';

const WORST_FIRST: readonly (readonly Outcome[])[] = [
  ['unknown'],
  ['unreachable', 'dns', 'timeout'],
  ['rejected', 'authentication'],
  ['blocked', 'local'],
  ['cancelled'],
  ['busy', 'no_answer'],
];

/** Returns a call's outcome: `none` once it was answered. */
export function outcomeOf(analysis: CallAnalysis | undefined): Outcome {
  if (analysis === undefined) return 'unknown';
  const { state, failure } = analysis;
  if (state === 'hangup') return failure;
  return state === 'progressing' || state === 'terminating' ? 'none' : 'unknown';
}

/**
 * Returns the worst outcome of several calls: unknown; unreachable, dns or timeout; rejected or authentication; blocked
 * or local; cancelled; busy or no_answer; none. Among equally bad ones, the first call's is returned. A call about
 * which nothing is known is undefined.
 */
export function worstFailure(analyses: readonly (CallAnalysis | undefined)[]): Outcome {
  const outcomes = analyses.map(outcomeOf);
  for (const equallyBad of WORST_FIRST) {
    const found = outcomes.find((outcome) => equallyBad.includes(outcome));
    if (found !== undefined) return found;
  }
  return 'none';
}
