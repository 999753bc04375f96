import { expect, test } from 'vitest';
import { planFlow } from '../src/flow-plan.ts';

test.each([
  [{ type: 'answer' }, 0, 'answer: the call is answered already'],
  [{ type: 'sleep', option: { duration: 1500 } }, 1500, 'sleep: 1500 ms'],
  [{ type: 'sleep' }, 0, 'sleep: 0 ms'],
  [{ type: 'sleep', option: { duration: -1 } }, 0, 'sleep: 0 ms'],
  [{ type: 'talk', option: { text: 'one two  three\nfour' } }, 1600, 'talk: 1600 ms of silence'],
  [{ type: 'talk', option: { text: '' } }, 1000, 'talk: 1000 ms of silence'],
  [{ type: 'talk' }, 1000, 'talk: 1000 ms of silence'],
  [{ type: 'play', option: { stream_urls: ['a', 'b'] } }, 10_000, 'play: 10000 ms of silence'],
  [{ type: 'conference_join' }, 0, 'conference_join: skipped, it needs a media server'],
])('the action %j takes %i ms', (action, durationMs, note) => {
  expect(planFlow([action])).toEqual([
    { durationMs, note, last: false },
    { durationMs: 0, note: 'end of the flow: hangup', last: true },
  ]);
});

test('nothing comes after a hangup', () => {
  expect(planFlow([{ type: 'hangup' }, { type: 'sleep', option: { duration: 1 } }])).toEqual([
    { durationMs: 0, note: 'hangup', last: true },
  ]);
});

test('a flow without actions hangs up at once', () => {
  expect(planFlow([])).toEqual([{ durationMs: 0, note: 'end of the flow: hangup', last: true }]);
});
