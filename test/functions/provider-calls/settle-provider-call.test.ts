import { describe, expect, test } from 'vitest';
import { BackendFailure, TIME_LIMITS } from '../../../functions/provider-calls/ports.ts';
import { reconcileProviderCalls } from '../../../functions/provider-calls/reconcile-provider-calls.ts';
import {
  dueAfterCreate,
  hasOutlivedCreate,
  settleProviderCall,
} from '../../../functions/provider-calls/settle-provider-call.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startDeps } from './deps-under-test.ts';
import { CREATED_AT, IDS, sampleIntent, sampleRecord } from './sample-record.ts';

const newDeps = await startDeps();
const failure = new BackendFailure('call', 'no', { outcome: 'unknown' });
const WITH_FLOW = { temporaryFlow: { actions: [{ type: 'answer' }], flowId: IDS.flow } };
const WITHOUT_FLOW_ID = { temporaryFlow: { actions: [{ type: 'answer' }], flowId: null } };
const IS_DUE = '2026-04-21 23:16:00.000000';
const IS_DUE_AGAIN = '2026-04-21 23:21:00.000000';

/** Stores an intent. Returns it with the deps that settle it. */
async function leftBehind(
  changes: Parameters<typeof sampleIntent>[0] = {},
  callBackend: Partial<Awaited<ReturnType<typeof newDeps>>['deps']['callBackend']> = {},
) {
  const { deps, requests, wait } = await newDeps();
  wait(TIME_LIMITS.intentLifetime);
  const intent = sampleIntent(changes);
  await deps.store.insertIntent({ intent, due: IS_DUE });
  const scope = createRequestScope('reconcile-1');
  const settle = () =>
    settleProviderCall({ ...deps, callBackend: { ...deps.callBackend, ...callBackend } }, scope, intent);
  return { deps, requests, intent, scope, settle, wait };
}

describe('settling', () => {
  test('completes the record of calls that were placed', async () => {
    const { deps, intent, settle } = await leftBehind(
      {},
      { findPlaced: async () => ({ callIds: [IDS.call], groupcallIds: [IDS.groupcall] }) },
    );
    const record = sampleRecord({ groupcallIds: [IDS.groupcall], updatedAt: IS_DUE });
    expect(await settle()).toEqual({ kind: 'placed', record });
    expect(await deps.store.get(intent.id)).toEqual(record);
  });

  test('removes the flow and then the intent when nothing was placed', async () => {
    const { deps, intent, requests, settle } = await leftBehind(WITH_FLOW);
    expect(await settle()).toEqual({ kind: 'gone' });
    expect(requests).toEqual([
      `reconcile-1: find providercall:${intent.id}:calls`,
      `reconcile-1: delete flow ${IDS.flow}`,
    ]);
    expect(await deps.store.get(intent.id)).toBeUndefined();
  });

  test('finds a flow whose id was never learnt by posting it again, and does not ask about calls', async () => {
    const { intent, requests, settle } = await leftBehind(WITHOUT_FLOW_ID);
    expect(await settle()).toEqual({ kind: 'gone' });
    expect(requests).toEqual([
      `reconcile-1: find flow providercall:${intent.id}:flow:${intent.attempt}`,
      `reconcile-1: delete flow ${IDS.flow}`,
    ]);
  });

  test('leaves a record unconfirmed while the call backend cannot say what was placed', async () => {
    const { deps, intent, scope, settle } = await leftBehind(
      {},
      { findPlaced: () => Promise.reject(failure) },
    );
    expect(await settle()).toEqual({ kind: 'unconfirmed' });
    expect(await deps.store.get(intent.id)).toEqual({ ...intent, state: 'unconfirmed', postponed: 1 });
    expect(await deps.store.listDue({ now: IS_DUE_AGAIN, limit: 1 })).toEqual([
      { id: intent.id, due: IS_DUE_AGAIN, tm_create: CREATED_AT, candidates: [] },
    ]);
    expect(scope.warnings).toEqual([{ what: 'the call backend cannot say what was placed', error: failure }]);
  });

  test('keeps the candidates that a backend names', async () => {
    const candidates = [IDS.call, IDS.groupcall];
    const ambiguous = new BackendFailure('call', 'ambiguous', { outcome: 'unknown', candidates });
    const failures = [ambiguous, failure];
    const { deps: defaults, intent, scope } = await leftBehind();
    const findPlaced = async () => {
      const next = failures.shift();
      if (next !== undefined) throw next;
      return { callIds: [IDS.call], groupcallIds: [] };
    };
    const deps = { ...defaults, callBackend: { ...defaults.callBackend, findPlaced } };
    for (const postponed of [1, 2]) {
      const stored = await deps.store.get(intent.id);
      if (stored === undefined || stored.state === 'placed') throw new Error('the record is settled');
      await settleProviderCall(deps, scope, stored);
      expect(await deps.store.get(intent.id)).toMatchObject({ state: 'unconfirmed', candidates, postponed });
    }
    const report = await reconcileProviderCalls(
      { ...deps, callBackend: { ...deps.callBackend, findPlaced: () => Promise.reject(failure) } },
      scope,
      { hasTimeLeft: () => true, concurrency: 1 },
    );
    expect(report.ambiguousIds).toEqual([intent.id]);
    const stored = await deps.store.get(intent.id);
    if (stored === undefined || stored.state === 'placed') throw new Error('the record is settled');
    expect(await settleProviderCall(deps, scope, stored)).toMatchObject({ kind: 'placed' });
  });

  test('leaves an intent as it is while its flow cannot be deleted', async () => {
    const { deps, intent, scope } = await leftBehind(WITH_FLOW);
    const flowBackend = { ...deps.flowBackend, deleteFlow: () => Promise.reject(failure) };
    expect(await settleProviderCall({ ...deps, flowBackend }, scope, intent)).toEqual({
      kind: 'flow-remains',
      cause: failure,
    });
    expect(await deps.store.get(intent.id)).toEqual(intent);
  });

  test('does not ask about the calls of an attempt that failed before it dialled', async () => {
    const { deps, intent, requests, settle } = await leftBehind({ ...WITH_FLOW, neverDialled: true });
    expect(await settle()).toEqual({ kind: 'gone' });
    expect(requests).toEqual([`reconcile-1: delete flow ${IDS.flow}`]);
    expect(await deps.store.get(intent.id)).toBeUndefined();
  });

  test('takes a rejected flow not to exist once no request for it can arrive any more', async () => {
    const { deps, intent, scope, wait } = await leftBehind({ ...WITHOUT_FLOW_ID, neverDialled: true });
    const flowBackend = { ...deps.flowBackend, findTemporaryFlow: async () => undefined };
    const settle = () => settleProviderCall({ ...deps, flowBackend }, scope, intent);
    wait(-1);
    expect(await settle()).toMatchObject({ kind: 'flow-remains' });
    wait(1);
    expect(await settle()).toEqual({ kind: 'gone' });
    expect(await deps.store.get(intent.id)).toBeUndefined();
  });

  test('does not conclude that nothing was placed if the key may be forgotten', async () => {
    const { deps, intent, requests, settle, wait } = await leftBehind(WITH_FLOW);
    wait(TIME_LIMITS.requestsRemembered - TIME_LIMITS.intentLifetime);
    expect(await settle()).toEqual({ kind: 'unconfirmed' });
    expect(requests).toEqual([`reconcile-1: find providercall:${intent.id}:calls`]);
    expect(await deps.store.get(intent.id)).toMatchObject({ state: 'unconfirmed' });
  });

  test('does not look for a flow by a key that may be forgotten', async () => {
    const { deps, intent, requests, settle, wait } = await leftBehind(WITHOUT_FLOW_ID);
    wait(TIME_LIMITS.requestsRemembered - TIME_LIMITS.intentLifetime);
    expect(await settle()).toMatchObject({ kind: 'flow-remains' });
    expect(requests).toEqual([]);
    expect(await deps.store.get(intent.id)).toEqual(intent);
  });

  test('leaves the calls of a later attempt to that attempt', async () => {
    const { deps, intent, scope } = await leftBehind({ attempt: IDS.laterAttempt });
    const callBackend = {
      ...deps.callBackend,
      findPlaced: async () => ({ callIds: [IDS.call], groupcallIds: [] }),
    };
    const earlier = sampleIntent({ attempt: IDS.attempt });
    expect(await settleProviderCall({ ...deps, callBackend }, scope, earlier)).toEqual({
      kind: 'unconfirmed',
    });
    expect(await deps.store.get(intent.id)).toEqual(intent);
  });
});

test('an intent has outlived its create exactly when it is due', () => {
  const now = new Date(Date.UTC(2026, 3, 21, 23, 15) + TIME_LIMITS.intentLifetime);
  expect(dueAfterCreate(CREATED_AT)).toBe(IS_DUE);
  expect(hasOutlivedCreate({ createdAt: CREATED_AT }, now)).toBe(true);
  expect(hasOutlivedCreate({ createdAt: CREATED_AT }, new Date(now.getTime() - 1))).toBe(false);
});
