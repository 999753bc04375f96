import '../stage.ts';
import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { startLine } from '../../../functions/log/log-line.ts';
import { loggedHandler } from '../../../functions/log/logged-handler.ts';
import { lambdaContext } from '../api-under-test.ts';
import { captureOutput, parseLine } from '../log-lines.ts';

const OPTIONS = {
  schema: z.object({ id: z.string() }),
  startLine: () => startLine('reconcile'),
  describe: ({ id }: { id: string }) => ({ request_id: id }),
  failure: { fields: { status: 500 }, metrics: { ReconcileFailures: 1 } },
} as const;
const context = lambdaContext(1_000);

let output: string[];
beforeEach(() => {
  output = captureOutput();
});

test('a handled event returns its result and writes one line', async () => {
  const handler = loggedHandler(OPTIONS, async ({ id }) => ({
    fields: { level: 'info' },
    metrics: { ReconcileRuns: 1 },
    respond: () => `handled ${id}`,
  }));
  expect(await handler({ id: 'event-1' }, context)).toBe('handled event-1');
  expect(output.map(parseLine)).toEqual([
    { level: 'info', request_id: 'event-1', Function: 'reconcile', ReconcileRuns: 1 },
  ]);
});

test('a result without fields writes no line', async () => {
  const handler = loggedHandler(OPTIONS, async () => ({ metrics: {}, respond: () => [] }));
  expect(await handler({ id: 'event-1' }, context)).toEqual([]);
  expect(output).toEqual([]);
});

test('an error is logged once and its description thrown, which Lambda logs too', async () => {
  const error = new Error('no table for +14155551234');
  const handler = loggedHandler(OPTIONS, () => Promise.reject(error));
  await expect(handler({ id: 'event-1' }, context)).rejects.toThrow(/^Error at \S.*logged-handler\.test\.ts/);
  expect(output.map(parseLine)).toEqual([
    {
      level: 'error',
      request_id: 'event-1',
      status: 500,
      error: expect.stringMatching(/^Error at /),
      Function: 'reconcile',
      ReconcileFailures: 1,
    },
  ]);
});

test('an event of another shape is an error under Lambda’s own request id', async () => {
  const handler = loggedHandler(OPTIONS, async () => ({ metrics: {}, respond: () => undefined }));
  await expect(handler({ Records: [] }, context)).rejects.toThrow();
  expect(output.map(parseLine)).toMatchObject([{ level: 'error', request_id: 'invocation-1' }]);
});

test('what a response throws comes after its line, which is not one of a failure', async () => {
  const handler = loggedHandler(OPTIONS, async () => ({
    fields: { level: 'info', status: 401 },
    metrics: {},
    respond: () => {
      throw new Error('Unauthorized');
    },
  }));
  await expect(handler({ id: 'event-1' }, context)).rejects.toThrow('Unauthorized');
  expect(output.map(parseLine)).toMatchObject([{ level: 'info', status: 401 }]);
});
