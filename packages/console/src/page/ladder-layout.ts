import type { Step } from '@provider-call/evidence';

/** A participant's vertical line. */
export type Lane = { name: string; x: number };

/** One arrow or note, with its position. */
export type Rung = {
  step: Step;
  y: number;
  /** Where the arrow starts and ends; equal for a message from a host to itself, and for a note. */
  fromX: number;
  toX: number;
  /** `INVITE`, `486 Busy Here ×2`. */
  label: string;
  /** Milliseconds since the rung above, if both have a time. */
  sincePreviousMs?: number;
};

export type Ladder = { lanes: Lane[]; rungs: Rung[]; width: number; height: number };

const TIME_COLUMN = 78;
const HEAD = 40;
const ROW = 46;
const MARGIN = 14;
const MIN_LANE_DISTANCE = 170;

/**
 * Lays out a call's steps: one lane for us, one for each peer in order of appearance, and one row for each step. If
 * there are too many peers, the ladder becomes wider than `availableWidth`.
 */
export function layOutLadder(steps: readonly Step[], availableWidth: number): Ladder {
  const peers = [...new Set(steps.flatMap(peersOf))];
  const gaps = Math.max(peers.length, 1);
  const minWidth = TIME_COLUMN + MARGIN * 2 + (gaps > 1 ? gaps * MIN_LANE_DISTANCE : 0);
  const width = Math.max(availableWidth, minWidth);
  const first = TIME_COLUMN + MARGIN;
  const distance = (width - first - MARGIN) / gaps;
  const lanes = ['platform', ...peers].map((name, index) => ({ name, x: first + index * distance }));
  const laneOf = (name: string | undefined, isOurs: boolean) =>
    (isOurs ? undefined : lanes.find((lane) => lane.name === name))?.x ?? first;

  const rungs = steps.map((step, index): Rung => {
    const previous = steps[index - 1]?.sinceStartMs;
    const fromX = laneOf(step.from, step.fromUs);
    return {
      step,
      y: HEAD + ROW * index + ROW / 2,
      fromX,
      toX: step.direction === 'note' ? fromX : laneOf(step.to, step.toUs),
      label: step.retransmissions === 0 ? step.label : `${step.label} ×${step.retransmissions + 1}`,
      ...(previous !== undefined &&
        step.sinceStartMs !== undefined && { sincePreviousMs: step.sinceStartMs - previous }),
    };
  });
  return { lanes, rungs, width, height: HEAD + ROW * Math.max(steps.length, 1) };
}

/** Returns a rung's description for screen readers: its label, its time, and who sends it to whom. */
export function describeRung({ step, label }: Rung): string {
  const { direction, sinceStartMs, cseq, from, to, fromUs, toUs } = step;
  const time = sinceStartMs === undefined ? '' : ` at ${(sinceStartMs / 1_000).toFixed(3)} s`;
  if (direction === 'note') return `${label}${time}`;
  const number = cseq === undefined ? '' : ` (${cseq})`;
  return `${label}${number}${time} from ${fromUs ? 'the platform' : from} to ${toUs ? 'the platform' : to}`;
}

function peersOf({ from, to, fromUs, toUs, direction }: Step): string[] {
  if (direction === 'note') return [];
  return [...(from !== undefined && !fromUs ? [from] : []), ...(to !== undefined && !toUs ? [to] : [])];
}
