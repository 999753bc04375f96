import type { Call } from '@provider-call/client';
import { analyzeCall, type CallAnalysis, type Outcome, outcomeOf } from '@provider-call/evidence';

/** How good an outcome is for the provider. It determines the colour, which is never the only distinction. */
export type Tone = 'good' | 'fair' | 'bad' | 'neutral' | 'live';

/** An outcome as far as it is known: without messages, it is not known why a call failed. */
export type ShownOutcome = Outcome | 'failed';

/** How an outcome is shown. `sign` distinguishes outcomes without colour. */
export type OutcomeLabel = { label: string; sign: string; tone: Tone };

const LABELS: Readonly<Record<ShownOutcome, OutcomeLabel>> = {
  none: { label: 'Answered', sign: '✓', tone: 'good' },
  busy: { label: 'Busy', sign: 'B', tone: 'fair' },
  no_answer: { label: 'No answer', sign: 'N', tone: 'fair' },
  failed: { label: 'Failed', sign: 'F', tone: 'bad' },
  rejected: { label: 'Rejected', sign: '×', tone: 'bad' },
  authentication: { label: 'Authentication failed', sign: 'A', tone: 'bad' },
  unreachable: { label: 'Unreachable', sign: '!', tone: 'bad' },
  dns: { label: 'Name not resolved', sign: 'D', tone: 'bad' },
  timeout: { label: 'No response', sign: 'T', tone: 'bad' },
  cancelled: { label: 'Cancelled', sign: 'C', tone: 'neutral' },
  blocked: { label: 'Blocked here', sign: '■', tone: 'neutral' },
  local: { label: 'Local fault', sign: 'L', tone: 'neutral' },
  unknown: { label: 'Under way', sign: '…', tone: 'live' },
};

/** Returns how an outcome is shown. */
export function labelOf(outcome: ShownOutcome): OutcomeLabel {
  return LABELS[outcome];
}

/** Returns the outcome of an analysis. */
export function shownOutcome(analysis: CallAnalysis): ShownOutcome {
  const outcome = outcomeOf(analysis);
  return outcome === 'rejected' && analysis.steps.length === 0 ? 'failed' : outcome;
}

/** Returns the outcome as far as a Call alone shows it. */
export function outcomeOfCall(call: Call): ShownOutcome {
  return shownOutcome(analyzeCall(call));
}

/** Returns how often each outcome occurs, most frequent first: `12 answered, 3 busy`. */
export function summaryOf(outcomes: readonly ShownOutcome[]): string {
  const counts = new Map<ShownOutcome, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${labelOf(outcome).label.toLowerCase()}`)
    .join(', ');
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['dialing', 'Dialing'],
  ['ringing', 'Ringing'],
  ['progressing', 'Talking'],
  ['terminating', 'Hanging up'],
  ['canceling', 'Cancelling'],
  ['hangup', 'Ended'],
]);

/** Returns a call's status in words. One that is unknown here is returned as the platform writes it. */
export function stateLabel(status: string): string {
  return STATES.get(status) ?? (status === '' ? 'Unknown' : status);
}
