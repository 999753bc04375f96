import type { ProviderStatistics } from '@provider-call/evidence';
import { explainSipStatus } from '@provider-call/evidence';
import { figuresOf } from '../statistics.ts';

/** A provider's figures as cards, each with its interval and sample size. */
export function StatisticsPanel({ statistics }: { statistics: ProviderStatistics }) {
  return (
    <dl class="figures">
      {figuresOf(statistics).map(({ name, meaning, value, interval, basis, proportion }) => (
        <div key={name} class="figure">
          <dt title={meaning}>{name}</dt>
          <dd>
            <span class="figure-value">{value}</span>
            {proportion?.value !== undefined && <IntervalBar {...proportion} value={proportion.value} />}
            {interval !== undefined && <span class="muted">95%: {interval}</span>}
            <span class="muted">{basis}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A proportion on a line from 0 to 1, with its confidence interval. */
function IntervalBar({ value, lower, upper }: { value: number; lower: number; upper: number }) {
  return (
    <svg class="interval" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line class="interval-scale" x1="0" x2="100" y1="5" y2="5" />
      <line class="interval-range" x1={lower * 100} x2={upper * 100} y1="5" y2="5" />
      <line class="interval-value" x1={value * 100} x2={value * 100} y1="0" y2="10" />
    </svg>
  );
}

/** How often each final SIP status occurred, as bars. */
export function StatusCounts({ statistics }: { statistics: ProviderStatistics }) {
  const { counts, sampleSize } = statistics.sipStatusCounts;
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return <p class="muted">No final SIP status is known for these calls.</p>;
  return (
    <table class="bars" aria-label="Final SIP statuses">
      <tbody>
        {rows.map(([status, count]) => (
          <tr key={status}>
            <th scope="row" title={explainSipStatus(Number(status))?.text}>
              {status} <span class="muted">{explainSipStatus(Number(status))?.name}</span>
            </th>
            <td>
              <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class={`bar-${status.charAt(0)}xx`} width={(count / sampleSize) * 100} height="8" />
              </svg>
            </td>
            <td class="numeric">{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
