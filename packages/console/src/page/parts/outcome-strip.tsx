import type { Call } from '@provider-call/client';
import { labelOf, outcomeOfCall, summaryOf } from '../outcome.ts';
import { instantOf, localTime } from '../time.ts';

/** The maximum number of calls in a strip. */
export const STRIP_LENGTH = 20;

/** The outcomes of the last calls, oldest on the left, as coloured signs. */
export function OutcomeStrip({ calls }: { calls: readonly Call[] }) {
  const shown = calls
    .slice(0, STRIP_LENGTH)
    .toReversed()
    .map((call) => ({ call, outcome: outcomeOfCall(call) }));
  if (shown.length === 0) return <span class="muted">no calls yet</span>;
  const outcomes = shown.map(({ outcome }) => outcome);
  return (
    <span class="strip" role="img" aria-label={`Last ${shown.length} calls: ${summaryOf(outcomes)}`}>
      {shown.map(({ call, outcome }) => {
        const { label, sign, tone } = labelOf(outcome);
        const created = instantOf(call.tm_create);
        const when = created === undefined ? '' : `, ${localTime(created, new Date())}`;
        return (
          <span key={call.id} class={`strip-cell ${tone}`} title={`${label}${when}`}>
            {sign}
          </span>
        );
      })}
    </span>
  );
}
