import { expect, test } from 'vitest';
import { layOutDelays } from '../src/page/delay-chart-layout.ts';
import { callWith } from './fixtures.ts';

/** Calls, newest first, that rang after these milliseconds; null if never. */
function callsWith(...delays: (number | null)[]) {
  return delays.map((delay, index) =>
    callWith({
      id: `call-${index}`,
      tm_progressing: null,
      tm_ringing: delay === null ? null : `2026-11-25 00:00:00.${String(delay).padStart(3, '0')}`,
    }),
  );
}

test('the longest delay is at the top, and the newest call on the right', () => {
  const { dots, maxMs, axis } = layOutDelays(callsWith(100, null, 400));
  expect(maxMs).toBe(400);
  expect(dots.map(({ call, x, y }) => [call.id, x, y])).toEqual([
    ['call-2', axis.left + 8, axis.top],
    ['call-0', axis.right - 8, axis.bottom - (axis.bottom - axis.top) / 4],
  ]);
});

test('delays of 0 are on the axis', () => {
  const { dots, maxMs, axis } = layOutDelays(callsWith(0, 0));
  expect({ maxMs, y: dots.map(({ y }) => y) }).toEqual({ maxMs: 1, y: [axis.bottom, axis.bottom] });
});

test('any number of calls has its dots', () => {
  const calls = callsWith(5, 7).flatMap((call) => Array.from({ length: 75_000 }, () => call));
  expect(layOutDelays(calls).dots).toHaveLength(calls.length);
});

test('calls without a delay have no dot', () => {
  expect(layOutDelays(callsWith(null, null)).dots).toEqual([]);
});
