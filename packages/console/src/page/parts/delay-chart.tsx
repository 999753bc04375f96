import type { Call } from '@provider-call/client';
import { analyzeCall } from '@provider-call/evidence';
import { labelOf, shownOutcome } from '../outcome.ts';
import { durationText, instantOf, localTime } from '../time.ts';

const HEIGHT = 120;
const WIDTH = 640;
const LEFT = 52;
const BOTTOM = 18;

/** The post-dial delay of each call, in the order of the calls, so that changes over time are visible. */
export function DelayChart({ calls }: { calls: readonly Call[] }) {
  const points = calls.toReversed().flatMap((call, index) => {
    const analysis = analyzeCall(call);
    const { postDialDelayMs } = analysis;
    return postDialDelayMs === undefined
      ? []
      : [{ call, index, postDialDelayMs, outcome: shownOutcome(analysis) }];
  });
  if (points.length < 2) return null;
  const max = Math.max(...points.map(({ postDialDelayMs }) => postDialDelayMs));
  const x = (index: number) => LEFT + 8 + (index / Math.max(calls.length - 1, 1)) * (WIDTH - LEFT - 16);
  const y = (delay: number) => 8 + (1 - delay / max) * (HEIGHT - BOTTOM - 8);
  return (
    <>
      <h3>Post-dial delay of each call</h3>
      <svg
        class="delay-chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Post-dial delay of ${points.length} calls, at most ${durationText(max)}`}
      >
        <line class="axis" x1={LEFT} x2={WIDTH} y1={y(0)} y2={y(0)} />
        <line class="axis" x1={LEFT} x2={WIDTH} y1={y(max)} y2={y(max)} />
        <text x={LEFT - 6} y={y(max) + 4} text-anchor="end">
          {durationText(max)}
        </text>
        <text x={LEFT - 6} y={y(0) + 4} text-anchor="end">
          0
        </text>
        <text x={LEFT} y={HEIGHT - 4}>
          older
        </text>
        <text x={WIDTH} y={HEIGHT - 4} text-anchor="end">
          newer
        </text>
        {points.map(({ call, index, postDialDelayMs, outcome }) => {
          const { label, tone } = labelOf(outcome);
          const created = instantOf(call.tm_create);
          return (
            <circle key={call.id} class={`dot ${tone}`} cx={x(index)} cy={y(postDialDelayMs)} r="4">
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
