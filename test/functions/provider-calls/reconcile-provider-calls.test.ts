import { expect, test } from 'vitest';
import { BackendFailure, type CallOrder, TIME_LIMITS } from '../../../functions/provider-calls/ports.ts';
import { reconcileProviderCalls } from '../../../functions/provider-calls/reconcile-provider-calls.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../../../functions/timestamp.ts';
import { startDeps } from './deps-under-test.ts';
import { IDS, sampleIntent } from './sample-record.ts';

const newDeps = await startDeps();
function idOf(index: number) {
  return `0000000${index}-0000-4000-8000-000000000000`;
}
const DUE = '2026-04-21 23:16:00.000000';

/** Three intents that creates left behind, in the order in which they are due. */
async function leftBehind() {
  const { deps, wait, requests } = await newDeps();
  for (const index of [1, 2, 3]) {
    await deps.store.insertIntent({ intent: sampleIntent({ id: idOf(index) }), due: DUE });
  }
  wait(TIME_LIMITS.intentLifetime);
  return { deps, requests };
}

test('reconcile stops within a page when its time is over, and the next run does the rest', async () => {
  const { deps, requests } = await leftBehind();
  let left = 2;
  const hasTimeLeft = () => {
    left -= 1;
    return left >= 0;
  };
  const report = await reconcileProviderCalls(deps, createRequestScope('run-1'), {
    hasTimeLeft,
    concurrency: 1,
  });
  expect(report).toEqual({
    completed: 0,
    removed: 2,
    open: 1,
    overdueIds: [],
    ambiguousIds: [],
    failedIds: [],
    finished: false,
  });
  expect(requests).toHaveLength(2);
  expect(
    await reconcileProviderCalls(deps, createRequestScope('run-2'), {
      hasTimeLeft: () => true,
      concurrency: 2,
    }),
  ).toMatchObject({ removed: 1, finished: true });
});

test('reconcile leaves an intent alone whose create may be at work, though the index says it is due', async () => {
  const { deps, requests } = await newDeps();
  const intent = sampleIntent();
  await deps.store.insertIntent({ intent, due: intent.createdAt });
  const report = await reconcileProviderCalls(deps, createRequestScope('run-1'), {
    hasTimeLeft: () => true,
    concurrency: 1,
  });
  expect(report).toMatchObject({ completed: 0, removed: 0, open: 0, finished: true });
  expect(requests).toEqual([]);
  expect(await deps.store.get(intent.id)).toEqual(intent);
});

test('reconcile reports a record at which the table fails and settles the others', async () => {
  const { deps } = await leftBehind();
  const scope = createRequestScope('run-1');
  const error = new Error('not of our shape');
  const store = {
    ...deps.store,
    get: (id: string) => (id === idOf(2) ? Promise.reject(error) : deps.store.get(id)),
  };
  const report = await reconcileProviderCalls({ ...deps, store }, scope, {
    hasTimeLeft: () => true,
    concurrency: 2,
  });
  expect(report).toEqual({
    completed: 0,
    removed: 2,
    open: 1,
    overdueIds: [],
    ambiguousIds: [],
    failedIds: [idOf(2)],
    finished: true,
  });
  expect(scope.warnings).toEqual([{ what: `ProviderCall ${idOf(2)} could not be settled`, error }]);
});

/** Stores thirty due intents with the given changes. */
async function due30(changes: Parameters<typeof sampleIntent>[0]) {
  const { deps, wait } = await newDeps();
  const idsOfAll = Array.from(
    { length: 30 },
    (_, index) => `00000000-0000-4000-8000-0000000001${index + 10}`,
  );
  for (const id of idsOfAll)
    await deps.store.insertIntent({ intent: sampleIntent({ ...changes, id }), due: DUE });
  wait(TIME_LIMITS.intentLifetime);
  return { deps, wait };
}
function timeout(backend: string) {
  return new BackendFailure(backend, 'no response', { outcome: 'unknown', timedOut: true });
}
const always = { hasTimeLeft: () => true, concurrency: 1 };

test('reconcile skips a backend that has timed out twice, and settles what needs only the other', async () => {
  const { deps } = await due30({ temporaryFlow: { actions: [{ type: 'answer' }], flowId: null } });
  await deps.store.insertIntent({ intent: sampleIntent(), due: DUE });
  let asked = 0;
  const findTemporaryFlow = () => {
    asked += 1;
    return Promise.reject(timeout('flow'));
  };
  const hanging = { ...deps, flowBackend: { ...deps.flowBackend, findTemporaryFlow } };
  expect(await reconcileProviderCalls(hanging, createRequestScope('run-1'), always)).toEqual({
    completed: 0,
    removed: 1,
    open: 30,
    overdueIds: [],
    ambiguousIds: [],
    failedIds: [],
    finished: true,
  });
  expect(asked).toBe(2);
  // They never dialled, so they are not made visible as unconfirmed.
  const open = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 50 });
  const stored = await Promise.all(open.map(({ id }) => deps.store.get(id)));
  expect(new Set(stored.map((one) => one?.state))).toEqual(new Set(['intent']));
  // Only those at which the backend hung have been tried.
  expect(stored.filter((one) => one?.state === 'intent' && one.postponed === 1)).toHaveLength(2);
});

test('reconcile tries what it skipped again after five minutes, however often it has skipped it', async () => {
  const { deps, wait } = await due30({});
  const hung = new Set<string>();
  const findPlaced = (_scope: unknown, { idempotencyKey }: CallOrder) => {
    hung.add(idempotencyKey);
    return Promise.reject(timeout('call'));
  };
  const hanging = { ...deps, callBackend: { ...deps.callBackend, findPlaced } };
  for (let run = 0; run < 5; run += 1) {
    await reconcileProviderCalls(hanging, createRequestScope('run-1'), always);
    wait(TIME_LIMITS.settleAgainAfter);
  }
  const isDue = await deps.store.listDue({ now: formatTimestamp(deps.now()), limit: 50 });
  const skipped = isDue.filter(({ id }) => !hung.has(`providercall:${id}:calls`));
  expect(skipped).toHaveLength(30 - hung.size);
  expect(await reconcileProviderCalls(deps, createRequestScope('run-2'), always)).toMatchObject({
    removed: isDue.length,
  });
});

test('reconcile marks what it skips as unconfirmed when it may have dialled', async () => {
  const { deps } = await due30({});
  let asked = 0;
  const findPlaced = () => {
    asked += 1;
    return Promise.reject(timeout('call'));
  };
  const hanging = { ...deps, callBackend: { ...deps.callBackend, findPlaced } };
  const scope = createRequestScope('run-1');
  expect(await reconcileProviderCalls(hanging, scope, always)).toMatchObject({ open: 30, finished: true });
  expect(asked).toBe(2);
  const open = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 50 });
  const states = await Promise.all(open.map(async ({ id }) => (await deps.store.get(id))?.state));
  expect(new Set(states)).toEqual(new Set(['unconfirmed']));
  expect(scope.warnings).toHaveLength(20);
});

test('reconcile retries after 5, 10, 20, 40 and then every 60 minutes', async () => {
  const { deps, wait } = await newDeps();
  await deps.store.insertIntent({ intent: sampleIntent(), due: DUE });
  const failing = {
    ...deps,
    callBackend: { ...deps.callBackend, findPlaced: () => Promise.reject(timeout('call')) },
  };
  wait(TIME_LIMITS.intentLifetime);
  const waits: number[] = [];
  for (let run = 0; run < 6; run += 1) {
    await reconcileProviderCalls(failing, createRequestScope('run-1'), always);
    const [next] = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 });
    const minutes = (timestampMilliseconds(next?.due ?? '') - deps.now().getTime()) / 60_000;
    waits.push(minutes);
    wait(minutes * 60_000);
  }
  expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
});

test('reconcile counts what is open and overdue although it is not due', async () => {
  const { deps, wait } = await newDeps();
  await deps.store.insertIntent({ intent: sampleIntent(), due: '2030-01-01 00:00:00.000000' });
  wait(TIME_LIMITS.intentLifetime - 1);
  expect(await reconcileProviderCalls(deps, createRequestScope('run-1'), always)).toMatchObject({ open: 0 });
  wait(1);
  expect(await reconcileProviderCalls(deps, createRequestScope('run-1'), always)).toMatchObject({
    open: 1,
    overdueIds: [],
    ambiguousIds: [],
  });
  wait(TIME_LIMITS.operatorAfter);
  expect(await reconcileProviderCalls(deps, createRequestScope('run-1'), always)).toMatchObject({
    open: 1,
    overdueIds: [IDS.record],
    ambiguousIds: [],
  });
});

test('reconcile settles several records at once', async () => {
  const { deps } = await due30({});
  let atOnce = 0;
  let maxAtOnce = 0;
  const findPlaced = async () => {
    atOnce += 1;
    maxAtOnce = Math.max(maxAtOnce, atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    return { callIds: [], groupcallIds: [] };
  };
  const counted = { ...deps, callBackend: { ...deps.callBackend, findPlaced } };
  expect(
    await reconcileProviderCalls(counted, createRequestScope('run-1'), {
      hasTimeLeft: () => true,
      concurrency: 10,
    }),
  ).toMatchObject({ removed: 30, open: 0, finished: true });
  expect(maxAtOnce).toBeGreaterThan(1);
});
