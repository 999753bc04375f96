import type { CallAnalysis } from '@provider-call/evidence';
import type { Expectation, Plan } from './plan.ts';

/** Returns how a call ended, in the terms of a plan: `answered`, or why it was not. */
export function outcomeInPlan(
  { state, failure, ringMs }: CallAnalysis,
  { maxRingSeconds }: Pick<Plan, 'maxRingSeconds'>,
): string {
  if (state !== 'hangup') return 'unknown';
  if (failure === 'none') return 'answered';
  // We gave up at the plan's own limit. Only the messages are considered, so that a resumed run comes to the same
  // result.
  if (failure === 'cancelled' && ringMs !== undefined && ringMs >= maxRingSeconds * 900) return 'no_answer';
  return failure;
}

/** Returns why a call is not as expected, or undefined if it is. */
export function deviationOf(
  analysis: CallAnalysis,
  { outcome, sipStatus, maxPostDialDelayMs }: Expectation,
  plan: Pick<Plan, 'maxRingSeconds'>,
): string | undefined {
  const actual = outcomeInPlan(analysis, plan);
  if (outcome !== undefined && actual !== outcome) return `${actual} instead of ${outcome}`;
  if (sipStatus !== undefined && analysis.sipStatus !== sipStatus) {
    return `${analysis.sipStatus === undefined ? 'no SIP status was captured' : `SIP status ${analysis.sipStatus}`} instead of ${sipStatus}`;
  }
  const { postDialDelayMs } = analysis;
  if (maxPostDialDelayMs === undefined) return undefined;
  if (postDialDelayMs === undefined) return 'its post-dial delay was not measured';
  return postDialDelayMs > maxPostDialDelayMs
    ? `post-dial delay ${postDialDelayMs} ms, more than ${maxPostDialDelayMs} ms`
    : undefined;
}
