import type { Step } from '@provider-call/evidence';
import { useEffect, useRef, useState } from 'preact/hooks';
import { plainText } from '../display-text.ts';
import { describeRung, layOutLadder, type Rung } from '../ladder-layout.ts';
import { durationText } from '../time.ts';

const MIN_WIDTH = 280;
const MAX_WIDTH = 760;
const HEAD_WIDTH = 8;

/** A call as a ladder of arrows, each of which is a link to its message. */
export function Ladder({
  steps,
  selected,
  addressOfMessage,
}: {
  steps: readonly Step[];
  selected: number | undefined;
  addressOfMessage: (message: number) => string;
}) {
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame);
  const { lanes, rungs, ...size } = layOutLadder(steps, Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH));
  return (
    <section class="ladder-frame" ref={frame} aria-label="SIP messages">
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: a group of links, not a picture; a title would be a tooltip over all of it */}
      <svg class="ladder" width={size.width} height={size.height}>
        {lanes.map(({ name, x }, index) => (
          <g key={name}>
            <text
              class="lane-name"
              x={index === 0 ? x - 8 : x + 8}
              y="18"
              text-anchor={index === 0 ? 'start' : index === lanes.length - 1 ? 'end' : 'middle'}
            >
              {plainText(name)}
            </text>
            <line class="lane" x1={x} x2={x} y1="28" y2={size.height} />
          </g>
        ))}
        {rungs.map((rung, index) => (
          <RungView
            key={index}
            rung={rung}
            width={size.width}
            isSelected={rung.step.message !== undefined && rung.step.message === selected}
            href={rung.step.message === undefined ? undefined : addressOfMessage(rung.step.message)}
          />
        ))}
      </svg>
    </section>
  );
}

function RungView({
  rung,
  width,
  isSelected,
  href,
}: {
  rung: Rung;
  width: number;
  isSelected: boolean;
  href: string | undefined;
}) {
  const { y, fromX, toX, step, sincePreviousMs } = rung;
  const label = plainText(rung.label);
  const drawing = (
    <>
      <rect class="rung-area" x="0" y={y - 22} width={width} height="44" rx="4" />
      {step.direction === 'note' || fromX === toX ? (
        <>
          <circle class="rung-dot" cx={fromX} cy={y} r="4" />
          <text class={step.direction === 'note' ? 'rung-note' : 'rung-label'} x={fromX + 10} y={y + 4}>
            {label}
          </text>
        </>
      ) : (
        <>
          <line class="rung-line" x1={fromX} x2={toX} y1={y + 4} y2={y + 4} />
          <path class="rung-head" d={arrowHead(fromX, toX, y + 4)} />
          <text class="rung-label" x={(fromX + toX) / 2} y={y - 4} text-anchor="middle">
            {label}
          </text>
        </>
      )}
    </>
  );
  return (
    <g>
      {href === undefined ? (
        <g class="rung note">{drawing}</g>
      ) : (
        <a
          class={`rung ${toneOf(step)}${isSelected ? ' selected' : ''}`}
          href={href}
          data-replace=""
          aria-label={plainText(describeRung(rung))}
          {...(isSelected && { 'aria-current': 'true' as const })}
        >
          {drawing}
        </a>
      )}
      <text class="rung-time" x="4" y={y - 1}>
        {step.sinceStartMs === undefined ? '' : `${(step.sinceStartMs / 1_000).toFixed(3)} s`}
      </text>
      <text class="rung-since" x="4" y={y + 13}>
        {sincePreviousMs === undefined ? '' : `+${durationText(sincePreviousMs)}`}
      </text>
    </g>
  );
}

function arrowHead(fromX: number, toX: number, y: number): string {
  const back = toX > fromX ? -HEAD_WIDTH : HEAD_WIDTH;
  return `M${toX} ${y}l${back} -5v10z`;
}

/** Returns the tone of a step: requests are neutral, responses have the colour of their class. */
function toneOf({ label }: Step): string {
  const status = /^([1-6])\d\d\b/.exec(label)?.[1];
  if (status === undefined) return 'request';
  return status === '1' ? 'provisional' : status === '2' ? 'good' : 'bad';
}

/** Returns the width of the frame, updated when the window changes. */
function useWidth(frame: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(MAX_WIDTH);
  useEffect(() => {
    if (frame.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
