import type { CallAnalysis } from '@provider-call/evidence';
import { labelOf, shownOutcome, stateLabel } from '../outcome.ts';

/** The outcome of a call, or its current state. */
export function OutcomePill({ analysis }: { analysis: CallAnalysis }) {
  const outcome = shownOutcome(analysis);
  const isLive = analysis.state !== 'hangup';
  const { label, sign, tone } = labelOf(outcome);
  return (
    <span class={`pill ${isLive ? 'live' : tone}`}>
      <span aria-hidden="true">{isLive ? '●' : sign}</span> {isLive ? stateLabel(analysis.state) : label}
    </span>
  );
}
