import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FunctionPool } from '../src/lambda/function-pool.ts';
import { startSchedule } from '../src/schedule.ts';
import { StartError } from '../src/start-error.ts';

const LOCATION = { region: 'us-east-1', accountId: '000000000000', stackName: 'S' };
const SCHEDULE = { arn: 'arn:rule', functionArn: 'arn:f', everyMs: 60_000, input: undefined };

const events: unknown[] = [];
const pool: FunctionPool = {
  functionName: 'reconcile',
  async invoke(event) {
    events.push(event);
    return { ok: true, payload: '"done"' };
  },
  async close() {},
};
const functions = new Map([['arn:f', pool]]);

beforeEach(() => {
  events.length = 0;
  vi.useFakeTimers({ now: new Date('2026-04-21T23:15:00.500Z') });
});
afterEach(() => vi.useRealTimers());

test('a schedule runs its function after each interval until it is closed', () => {
  const running = startSchedule([SCHEDULE], functions, LOCATION);
  expect(events).toHaveLength(0);
  vi.advanceTimersByTime(120_000);
  running.close();
  vi.advanceTimersByTime(120_000);
  expect(events).toHaveLength(2);
});

test('the event of a schedule is EventBridge’s', async () => {
  const running = startSchedule([SCHEDULE], functions, LOCATION);
  expect(await running.runNow()).toEqual([
    { functionName: 'reconcile', result: { ok: true, payload: '"done"' } },
  ]);
  running.close();
  expect(events).toEqual([
    {
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-04-21T23:15:00Z',
      region: 'us-east-1',
      resources: ['arn:rule'],
      detail: {},
    },
  ]);
});

test('the event of a schedule is the input that the template fixes', async () => {
  const running = startSchedule([{ ...SCHEDULE, input: '{"a":1}' }], functions, LOCATION);
  await running.runNow();
  running.close();
  expect(events).toEqual([{ a: 1 }]);
});

test('a schedule of a function that the template does not contain is rejected', () => {
  expect(() => startSchedule([{ ...SCHEDULE, functionArn: 'arn:g' }], functions, LOCATION)).toThrow(
    new StartError('the template does not contain the function arn:g'),
  );
});
