import { expect, test } from 'vitest';
import { TIME_LIMITS } from '../../../functions/provider-calls/ports.ts';
import { reconcileProviderCalls } from '../../../functions/provider-calls/reconcile-provider-calls.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startDeps } from './deps-under-test.ts';
import { sampleIntent } from './sample-record.ts';

const newDeps = await startDeps();
const idOf = (index: number) => `0000000${index}-0000-4000-8000-000000000000`;
const due = '2026-04-21 23:16:00.000000';

/** Three intents that creates left behind, in the order in which they are due. */
const leftBehind = async () => {
  const { deps, wait, requests } = await newDeps();
  for (const index of [1, 2, 3]) {
    await deps.store.insertIntent({ intent: sampleIntent({ id: idOf(index) }), due });
  }
  wait(TIME_LIMITS.intentLifetime);
  return { deps, requests };
};

test('reconcile stops within a page when its time is over, and the next run does the rest', async () => {
  const { deps, requests } = await leftBehind();
  let left = 3;
  const hasTimeLeft = () => {
    left -= 1;
    return left >= 0;
  };
  const report = await reconcileProviderCalls(deps, createRequestScope('run-1'), { hasTimeLeft });
  expect(report).toEqual({
    completed: 0,
    removed: 2,
    open: 0,
    overdueIds: [],
    failedIds: [],
    finished: false,
  });
  expect(requests).toHaveLength(2);
  expect(
    await reconcileProviderCalls(deps, createRequestScope('run-2'), { hasTimeLeft: () => true }),
  ).toMatchObject({ removed: 1, finished: true });
});

test('reconcile reports a record at which the table fails and settles the others', async () => {
  const { deps } = await leftBehind();
  const scope = createRequestScope('run-1');
  const error = new Error('not of our shape');
  const store = {
    ...deps.store,
    get: (id: string) => (id === idOf(2) ? Promise.reject(error) : deps.store.get(id)),
  };
  const report = await reconcileProviderCalls({ ...deps, store }, scope, { hasTimeLeft: () => true });
  expect(report).toEqual({
    completed: 0,
    removed: 2,
    open: 0,
    overdueIds: [],
    failedIds: [idOf(2)],
    finished: true,
  });
  expect(scope.warnings).toEqual([{ what: `ProviderCall ${idOf(2)} could not be settled`, error }]);
});
