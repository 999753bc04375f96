import { beforeEach, expect, test } from 'vitest';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { formatTimestamp } from '../../functions/timestamp.ts';
import { awsVariables, startDynamodb } from '../dynamodb.ts';
import { lambdaContext } from './api-under-test.ts';
import { jsonResponse, startBackend } from './backend-server.ts';
import { captureOutput, parseLine } from './log-lines.ts';
import { IDS, sampleIntent } from './provider-calls/sample-record.ts';

const dynamodb = await startDynamodb();
const backend = await startBackend();
const table = await dynamodb.createProviderCallTable();
Object.assign(process.env, awsVariables(dynamodb), {
  STAGE: 'test',
  PROVIDER_CALL_TABLE: table,
  FLOW_BACKEND_URL: backend.url,
  CALL_BACKEND_URL: backend.url,
  BACKEND_AUTH: 'none',
});
const { handler } = await import('../../functions/reconcile-provider-calls.ts');
const store = createProviderCallStore(dynamodb.documents, table);

function ago(milliseconds: number) {
  return formatTimestamp(new Date(Date.now() - milliseconds));
}
const MINUTE = 60_000;

/** An intent that a create left behind some time ago. */
async function leftBehind(id: string, age: number) {
  const intent = sampleIntent({ id, createdAt: ago(age), updatedAt: ago(age) });
  await store.insertIntent({ intent, due: ago(age - MINUTE) });
  return intent;
}

beforeEach(() => {
  backend.forget();
});

test('reconcile completes a record whose calls were placed, and reports it in one line', async () => {
  const output = captureOutput();
  backend.respond = jsonResponse(200, { calls: [{ id: IDS.call }], groupcalls: [] });
  await leftBehind(IDS.record, 2 * MINUTE);
  const report = {
    completed: 1,
    removed: 0,
    open: 0,
    overdueIds: [],
    ambiguousIds: [],
    failedIds: [],
    finished: true,
  };
  expect(await handler({}, lambdaContext(120_000))).toEqual(report);
  expect(await store.get(IDS.record)).toMatchObject({ state: 'placed', callIds: [IDS.call] });
  expect(backend.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /v1/calls?idempotency_key=${encodeURIComponent(`providercall:${IDS.record}:calls`)}`,
  ]);
  expect(output.map(parseLine)).toEqual([
    {
      level: 'info',
      request_id: 'invocation-1',
      completed: 1,
      removed: 0,
      open: 0,
      finished: true,
      Function: 'reconcile',
      ReconcileRuns: 1,
    },
  ]);
});

test('reconcile removes an intent that placed nothing', async () => {
  captureOutput();
  backend.respond = jsonResponse(200, { calls: [], groupcalls: [] });
  await leftBehind(IDS.flow, 2 * MINUTE);
  expect(await handler({}, lambdaContext(120_000))).toMatchObject({ removed: 1, finished: true });
  expect(await store.get(IDS.flow)).toBeUndefined();
});

test('reconcile does not touch an intent whose create may still be running', async () => {
  captureOutput();
  const intent = sampleIntent({ id: IDS.agent, createdAt: ago(MINUTE / 2), updatedAt: ago(MINUTE / 2) });
  await store.insertIntent({ intent, due: ago(0) });
  expect(await handler({}, lambdaContext(120_000))).toMatchObject({ completed: 0, removed: 0, open: 0 });
  expect(backend.received).toEqual([]);
  await store.remove(intent);
});

test('reconcile reports records that have been open for a day', async () => {
  const output = captureOutput();
  backend.respond = jsonResponse(503, {});
  await leftBehind(IDS.call, 25 * 60 * MINUTE);
  expect(await handler({}, lambdaContext(120_000))).toMatchObject({ open: 1, overdueIds: [IDS.call] });
  expect(await store.get(IDS.call)).toMatchObject({ state: 'unconfirmed' });
  expect(output.map(parseLine)).toMatchObject([
    { level: 'error', unsettled_after_a_day: [IDS.call], OpenRecords: 1, UnsettledAfterDay: 1 },
  ]);
});

test('reconcile starts on no record when little time is left, and reports that it is not finished', async () => {
  const output = captureOutput();
  expect(await handler({}, lambdaContext(45_000))).toMatchObject({ finished: false });
  expect(output.map(parseLine)).toMatchObject([{ finished: false, ReconcileUnfinished: 1 }]);
  expect(backend.received).toEqual([]);
});
