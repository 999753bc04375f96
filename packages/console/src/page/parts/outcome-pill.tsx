import type { CallAnalysis } from '@provider-call/evidence';
import { outcomeOf } from '@provider-call/evidence';
import { labelOf, stateLabel } from '../outcome.ts';

/** What became of a call, or what it is doing now. */
export function OutcomePill({ analysis }: { analysis: CallAnalysis }) {
  const outcome = outcomeOf(analysis);
  const isLive = analysis.state !== 'hangup';
  const { label, sign, tone } = labelOf(outcome);
  return (
    <span class={`pill ${isLive ? 'live' : tone}`}>
      <span aria-hidden="true">{isLive ? '●' : sign}</span> {isLive ? stateLabel(analysis.state) : label}
    </span>
  );
}
