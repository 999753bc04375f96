import type { Call } from '@provider-call/client';
import { layOutDelays } from '../delay-chart-layout.ts';
import { labelOf } from '../outcome.ts';
import { durationText, instantOf, localTime } from '../time.ts';

/** The post-dial delay of each call, in the order of the calls, so that changes over time are visible. */
export function DelayChart({ calls }: { calls: readonly Call[] }) {
  const { dots, maxMs, axis, width, height } = layOutDelays(calls);
  if (dots.length < 2) return null;
  return (
    <>
      <h3>Post-dial delay of each call</h3>
      <svg
        class="delay-chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Post-dial delay of ${dots.length} calls, at most ${durationText(maxMs)}`}
      >
        <line class="axis" x1={axis.left} x2={axis.right} y1={axis.bottom} y2={axis.bottom} />
        <line class="axis" x1={axis.left} x2={axis.right} y1={axis.top} y2={axis.top} />
        <text x={axis.left - 6} y={axis.top + 4} text-anchor="end">
          {durationText(maxMs)}
        </text>
        <text x={axis.left - 6} y={axis.bottom + 4} text-anchor="end">
          0
        </text>
        <text x={axis.left} y={height - 4}>
          older
        </text>
        <text x={axis.right} y={height - 4} text-anchor="end">
          newer
        </text>
        {dots.map(({ call, x, y, postDialDelayMs, outcome }) => {
          const { label, tone } = labelOf(outcome);
          const created = instantOf(call.tm_create);
          return (
            <circle key={call.id} class={`dot ${tone}`} cx={x} cy={y} r="4">
              <title>
                {`${durationText(postDialDelayMs)}, ${label}${created === undefined ? '' : `, ${localTime(created, new Date())}`}`}
              </title>
            </circle>
          );
        })}
      </svg>
    </>
  );
}
