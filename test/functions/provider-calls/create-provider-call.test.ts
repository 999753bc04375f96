import { describe, expect, test } from 'vitest';
import { PlatformError } from '../../../functions/platform-error.ts';
import {
  type CreateInput,
  createProviderCall,
} from '../../../functions/provider-calls/create-provider-call.ts';
import { createRequestSchema } from '../../../functions/provider-calls/create-request.ts';
import { BackendFailure, TIME_LIMITS } from '../../../functions/provider-calls/ports.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startDeps } from './deps-under-test.ts';
import { IDS, sampleRecord } from './sample-record.ts';

const newDeps = await startDeps();
function scope() {
  return createRequestScope('request-1');
}
function input(changes: Partial<CreateInput> = {}): CreateInput {
  return {
    customerId: IDS.customer,
    actor: { type: 'agent', id: IDS.agent },
    request: createRequestSchema.parse({
      provider_id: IDS.provider,
      source: { type: 'tel', target: '+14155551234' },
      destinations: [{ type: 'tel', target: '+821012345678' }],
    }),
    idempotencyKey: 'key-1',
    ...changes,
  };
}
const withActions = { ...input().request, actions: [{ type: 'answer' }] };
const nothingDone = new BackendFailure('call', 'no', { outcome: 'nothing-done' });
const unknown = new BackendFailure('call', 'no', { outcome: 'unknown' });

async function errorOf(work: Promise<unknown>) {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof PlatformError)) throw new Error('no PlatformError', { cause: error });
  return error;
}

test('create stores an intent, places the calls and completes the record', async () => {
  const { deps, requests } = await newDeps();
  const { record, replayed } = await createProviderCall(deps, scope(), input());
  expect(replayed).toBe(false);
  expect(record).toEqual({
    ...sampleRecord(),
    id: record.id,
    attempt: record.attempt,
    idempotency: { keyHash: expect.any(String), fingerprint: expect.any(String) },
  });
  expect(requests).toEqual([`request-1: place calls providercall:${record.id}:calls`]);
  expect(await deps.store.get(record.id)).toEqual(record);
});

describe('the check of the provider', () => {
  test('rethrows an unexpected error, and nothing is written', async () => {
    const error = new TypeError('a fault of ours');
    const { deps, requests } = await newDeps({
      routeBackend: { hasProvider: () => Promise.reject(error) },
    });
    await expect(createProviderCall(deps, scope(), input())).rejects.toBe(error);
    expect(requests).toEqual([]);
    expect(await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 })).toEqual([]);
  });

  test('that fails in the backend says that nothing was dialled', async () => {
    const { deps } = await newDeps({ routeBackend: { hasProvider: () => Promise.reject(nothingDone) } });
    const { reason, message } = await errorOf(createProviderCall(deps, scope(), input()));
    expect([reason, message]).toEqual([
      'SERVICE_UNAVAILABLE',
      'The call backend is not available. Nothing was dialled; try again.',
    ]);
  });

  test('that finds no provider still returns the record of an earlier request with the key', async () => {
    const { deps } = await newDeps();
    const first = await createProviderCall(deps, scope(), input());
    const gone = { ...deps, routeBackend: { hasProvider: async () => false } };
    expect(await createProviderCall(gone, scope(), input())).toEqual({ ...first, replayed: true });
    expect(
      (await errorOf(createProviderCall(gone, scope(), input({ idempotencyKey: 'key-2' })))).reason,
    ).toBe('PROVIDER_NOT_FOUND');
  });
});

describe('an Idempotency-Key', () => {
  test('with the same body returns the stored record and places no second call', async () => {
    const { deps, requests } = await newDeps();
    const first = await createProviderCall(deps, scope(), input());
    expect(await createProviderCall(deps, scope(), input())).toEqual({ ...first, replayed: true });
    expect(requests).toHaveLength(1);
  });

  test('with another body is IDEMPOTENCY_KEY_REUSED', async () => {
    const { deps } = await newDeps();
    await createProviderCall(deps, scope(), input());
    const other = input({ request: withActions });
    expect((await errorOf(createProviderCall(deps, scope(), other))).reason).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('whose first request may be running is REQUEST_IN_PROGRESS, and is settled once it cannot be', async () => {
    const { deps, wait, requests } = await newDeps();
    const stopped = {
      ...deps,
      callBackend: { ...deps.callBackend, placeCalls: () => Promise.reject(new Error()) },
    };
    await expect(createProviderCall(stopped, scope(), input())).rejects.toThrow();
    wait(TIME_LIMITS.intentLifetime - 1);
    const { reason, retryAfterSeconds } = await errorOf(createProviderCall(deps, scope(), input()));
    expect([reason, retryAfterSeconds]).toEqual(['REQUEST_IN_PROGRESS', 5]);
    wait(1);
    const { record } = await createProviderCall(deps, scope(), input());
    expect(record.state).toBe('placed');
    expect(requests).toEqual([
      `request-1: find providercall:${record.id}:calls`,
      `request-1: place calls providercall:${record.id}:calls`,
    ]);
  });
});

describe('a temporary flow', () => {
  test('is created for inline actions and noted before the calls are placed', async () => {
    const { deps, requests } = await newDeps();
    const { record } = await createProviderCall(deps, scope(), input({ request: withActions }));
    expect(requests).toEqual([
      `request-1: create flow providercall:${record.id}:flow:${record.attempt}`,
      `request-1: place calls providercall:${record.id}:calls`,
    ]);
  });

  test('is deleted and nothing is dialled when its intent is another attempt’s by then', async () => {
    const { deps, requests } = await newDeps();
    const late = { ...deps, store: { ...deps.store, noteTemporaryFlow: async () => undefined } };
    const { reason } = await errorOf(createProviderCall(late, scope(), input({ request: withActions })));
    expect(reason).toBe('REQUEST_TIMEOUT');
    expect(requests).toEqual([
      expect.stringMatching(/^request-1: create flow /),
      `request-1: delete flow ${IDS.flow}`,
    ]);
  });

  test('is deleted with the intent when certainly nothing was placed', async () => {
    const { deps, requests } = await newDeps();
    const failing = {
      ...deps,
      callBackend: { ...deps.callBackend, placeCalls: () => Promise.reject(nothingDone) },
    };
    await errorOf(createProviderCall(failing, scope(), input({ request: withActions })));
    expect(requests.at(-1)).toBe(`request-1: delete flow ${IDS.flow}`);
    expect(await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 })).toEqual([]);
  });

  test('is kept when calls may have been placed, and the record is unconfirmed', async () => {
    const { deps, requests } = await newDeps();
    const failing = {
      ...deps,
      callBackend: { ...deps.callBackend, placeCalls: () => Promise.reject(unknown) },
    };
    const { reason, details } = await errorOf(
      createProviderCall(failing, scope(), input({ request: withActions })),
    );
    expect(reason).toBe('CALL_OUTCOME_UNKNOWN');
    expect(requests).toHaveLength(1);
    const [due] = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 });
    expect(details).toEqual([{ providercall_id: due?.id }]);
    expect(await deps.store.get(due?.id ?? '')).toMatchObject({ state: 'unconfirmed' });
  });

  test('is kept when storing the completed record fails', async () => {
    const { deps, requests } = await newDeps();
    const failing = {
      ...deps,
      store: { ...deps.store, complete: () => Promise.reject(new Error('no table')) },
    };
    const { reason } = await errorOf(createProviderCall(failing, scope(), input({ request: withActions })));
    expect(reason).toBe('CALL_OUTCOME_UNKNOWN');
    expect(requests.filter((request) => request.includes('delete'))).toEqual([]);
  });
});

describe('a create that failed before it dialled', () => {
  const flowFailure = new BackendFailure('flow', 'no', { outcome: 'unknown' });

  /** Runs a create whose temporary flow may exist, with a flow backend that works afterwards or not. */
  const failed = async () => {
    const { deps, requests, wait } = await newDeps();
    const fails = () => Promise.reject(flowFailure);
    const failing = { ...deps, flowBackend: { ...deps.flowBackend, createTemporaryFlow: fails } };
    const error = await errorOf(createProviderCall(failing, scope(), input({ request: withActions })));
    expect([error.reason, error.message]).toEqual([
      'SERVICE_UNAVAILABLE',
      'The flow backend is not available. Nothing was dialled; try again.',
    ]);
    return { deps, requests, wait };
  };

  test('starts over under the same key within the minute, once its flow is settled under its old key', async () => {
    const { deps, requests } = await failed();
    const [open] = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 });
    const old = await deps.store.get(open?.id ?? '');
    const { record, replayed } = await createProviderCall(deps, scope(), input({ request: withActions }));
    expect([record.state, replayed]).toEqual(['placed', false]);
    expect(requests).toEqual([
      `request-1: find flow providercall:${record.id}:flow:${old?.attempt}`,
      `request-1: delete flow ${IDS.flow}`,
      `request-1: create flow providercall:${record.id}:flow:${record.attempt}`,
      `request-1: place calls providercall:${record.id}:calls`,
    ]);
  });

  test('responds again that nothing was dialled while its flow cannot be settled, and stays due for reconcile', async () => {
    const { deps, wait } = await failed();
    const before = await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 });
    const still = {
      ...deps,
      flowBackend: { ...deps.flowBackend, findTemporaryFlow: () => Promise.reject(flowFailure) },
      callBackend: { ...deps.callBackend, findPlaced: () => Promise.reject(unknown) },
    };
    for (const passing of [0, TIME_LIMITS.intentLifetime, TIME_LIMITS.operatorAfter]) {
      wait(passing);
      const error = await errorOf(createProviderCall(still, scope(), input({ request: withActions })));
      expect([error.reason, error.message]).toEqual([
        'SERVICE_UNAVAILABLE',
        'The temporary flow of an earlier attempt could not be deleted yet. Nothing was dialled; try again.',
      ]);
    }
    expect(await deps.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 })).toEqual(before);
  });

  test('because its calls were rejected is settled by its flow alone', async () => {
    const { deps, requests } = await newDeps();
    const failing = {
      ...deps,
      flowBackend: { ...deps.flowBackend, deleteFlow: () => Promise.reject(flowFailure) },
      callBackend: { ...deps.callBackend, placeCalls: () => Promise.reject(nothingDone) },
    };
    await errorOf(createProviderCall(failing, scope(), input({ request: withActions })));
    const { record } = await createProviderCall(deps, scope(), input({ request: withActions }));
    expect(requests.slice(1)).toEqual([
      `request-1: delete flow ${IDS.flow}`,
      `request-1: create flow providercall:${record.id}:flow:${record.attempt}`,
      `request-1: place calls providercall:${record.id}:calls`,
    ]);
  });

  test('is in progress for the same key if the table fails to store that', async () => {
    const { deps } = await newDeps();
    const broken = {
      ...deps,
      flowBackend: { ...deps.flowBackend, createTemporaryFlow: () => Promise.reject(flowFailure) },
      store: { ...deps.store, markNeverDialled: () => Promise.reject(new Error('no table')) },
    };
    expect((await errorOf(createProviderCall(broken, scope(), input({ request: withActions })))).reason).toBe(
      'SERVICE_UNAVAILABLE',
    );
    expect((await errorOf(createProviderCall(deps, scope(), input({ request: withActions })))).reason).toBe(
      'REQUEST_IN_PROGRESS',
    );
  });
});

test('create dials nothing after its time limit for dialling', async () => {
  const { deps, requests, wait } = await newDeps();
  const slow = {
    ...deps,
    routeBackend: {
      hasProvider: async () => {
        wait(TIME_LIMITS.dialWithin + 1);
        return true;
      },
    },
  };
  expect((await errorOf(createProviderCall(slow, scope(), input()))).reason).toBe('REQUEST_TIMEOUT');
  expect(requests).toEqual([]);
});
