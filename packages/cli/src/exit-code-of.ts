import { type CallAnalysis, type Outcome, worstFailure } from '@provider-call/evidence';
import { EXIT } from './cli-error.ts';

const CODES: Record<Outcome, number> = {
  none: EXIT.ok,
  busy: EXIT.notAnswered,
  no_answer: EXIT.notAnswered,
  rejected: EXIT.rejected,
  authentication: EXIT.rejected,
  unreachable: EXIT.providerUnreachable,
  dns: EXIT.providerUnreachable,
  timeout: EXIT.providerUnreachable,
  cancelled: EXIT.cancelled,
  blocked: EXIT.local,
  local: EXIT.local,
  unknown: EXIT.outcomeUnknown,
};

/**
 * Returns the exit code of the worst outcome. A call about which nothing is known is undefined; having no calls at all
 * also counts as unknown.
 */
export function exitCodeOf(analyses: readonly (CallAnalysis | undefined)[]): number {
  return analyses.length === 0 ? EXIT.outcomeUnknown : CODES[worstFailure(analyses)];
}
