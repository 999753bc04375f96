import type { Call } from '@provider-call/client';
import { analyzeCall } from '@provider-call/evidence';
import { type ShownOutcome, shownOutcome } from './outcome.ts';

/** A call whose post-dial delay is known, with its position. */
export type DelayDot = { call: Call; x: number; y: number; postDialDelayMs: number; outcome: ShownOutcome };

export type DelayChartLayout = {
  dots: DelayDot[];
  /** The delay at the top of the axis. */
  maxMs: number;
  axis: { left: number; right: number; top: number; bottom: number };
  width: number;
  height: number;
};

const WIDTH = 640;
const HEIGHT = 120;
const AXIS = { left: 52, right: WIDTH, top: 8, bottom: HEIGHT - 18 };
const MARGIN = 8;
/** The axis has a length even if all delays are 0. */
const MIN_SCALE_MS = 1;

/** Lays out the post-dial delays of calls, newest first: from left to right in order of the calls, the newest on the right. */
export function layOutDelays(calls: readonly Call[]): DelayChartLayout {
  const known = calls.toReversed().flatMap((call, index) => {
    const analysis = analyzeCall(call);
    const { postDialDelayMs } = analysis;
    return postDialDelayMs === undefined
      ? []
      : [{ call, index, postDialDelayMs, outcome: shownOutcome(analysis) }];
  });
  const maxMs = known.reduce((max, { postDialDelayMs }) => Math.max(max, postDialDelayMs), MIN_SCALE_MS);
  const { left, right, top, bottom } = AXIS;
  const distance = (right - left - MARGIN * 2) / Math.max(calls.length - 1, 1);
  const dots = known.map(({ index, ...dot }) => ({
    ...dot,
    x: left + MARGIN + index * distance,
    y: bottom - (dot.postDialDelayMs / maxMs) * (bottom - top),
  }));
  return { dots, maxMs, axis: AXIS, width: WIDTH, height: HEIGHT };
}
