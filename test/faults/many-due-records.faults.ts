import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
import { afterAll, expect, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import type { Intent } from '../../functions/provider-calls/provider-call.ts';
import { openKeys, toItem } from '../../functions/provider-calls/provider-call-item.ts';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { reconcileProviderCalls } from '../../functions/provider-calls/reconcile-provider-calls.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { startEmbeddedDynamodb } from '../../packages/platform/test/embedded-dynamodb.ts';
import { createProviderCallTable } from '../dynamodb.ts';
import { IDS, sampleIntent } from '../functions/provider-calls/sample-record.ts';
import { backendsAt } from './fixture.ts';

/*
 * Many records that are due at once, every tenth of which needs a backend that does not respond. It must not
 * delay the others. The time that they take is printed; it depends on the machine.
 */

/** Records that DynamoDB writes in one request. */
const BATCH = 25;
/** As in functions/handlers/reconcile-handler.ts. */
const CONCURRENCY = 10;
const RUN_EVERY_MS = 5 * 60_000;

const dynamodb = await startEmbeddedDynamodb();
const documents = DynamoDBDocumentClient.from(dynamodb);

/** Returns a table with intents whose creates died a minute ago, by a clock that `wait` moves. */
async function startTable(intents: Intent[]) {
  const table = await createProviderCallTable(dynamodb);
  for (let at = 0; at < intents.length; at += BATCH) {
    const puts = intents.slice(at, at + BATCH).map((intent) => ({
      PutRequest: { Item: { ...toItem(intent), ...openKeys(intent.createdAt) } },
    }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
  }
  let time = Date.UTC(2026, 3, 21, 23, 15) + TIME_LIMITS.intentLifetime;
  return {
    store: createProviderCallStore(documents, table),
    now: () => new Date(time),
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

/**
 * All three backends: they have placed the calls of every second record, and do not respond to some requests.
 */
async function startBackend(hangs: (path: string) => boolean) {
  const state = { isWell: false };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (!state.isWell && hangs(path)) return;
    const [, digits = '0'] = /providercall%3A([0-9]{8})/.exec(path) ?? [];
    const calls = path.startsWith('/v1/calls') && Number(digits) % 2 === 0 ? [{ id: randomUUID() }] : [];
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(path.startsWith('/v1/flows') ? { id: IDS.flow } : { calls, groupcalls: [] }));
  });
  const { url, close } = await listen(server, LOOPBACK);
  afterAll(close);
  return { state, url };
}

function idOf(index: number) {
  return `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
}
function isTenth(index: number) {
  return index % 10 === 0;
}
const always = { hasTimeLeft: () => true, concurrency: CONCURRENCY };

test(
  'of 2,000 due records the 1,800 that do not need the flow backend are settled while it hangs',
  async () => {
    const intents = Array.from({ length: 2_000 }, (_, index) =>
      sampleIntent({
        id: idOf(index),
        temporaryFlow: isTenth(index) ? { actions: [{ type: 'answer' }], flowId: null } : null,
      }),
    );
    const { store, now, wait } = await startTable(intents);
    const { state, url } = await startBackend((path) => path.startsWith('/v1/flows'));
    const { flowBackend } = backendsAt(url, TIME_LIMITS.flowBackend);
    // On a slow machine, too, only the flow backend hangs.
    const deps = { ...backendsAt(url, 10 * TIME_LIMITS.callBackend), flowBackend, now };
    const startedAt = performance.now();
    let lastSettledAt = startedAt;
    const noted = async <Result>(work: Promise<Result>): Promise<Result> => {
      const result = await work;
      lastSettledAt = performance.now();
      return result;
    };
    const watched = {
      ...store,
      complete: (input: Parameters<typeof store.complete>[0]) => noted(store.complete(input)),
      remove: (input: Parameters<typeof store.remove>[0]) => noted(store.remove(input)),
    };
    const report = await reconcileProviderCalls(
      { ...deps, store: watched },
      createRequestScope('run-1'),
      always,
    );
    const seconds = (since: number) => ((since - startedAt) / 1000).toFixed(1);
    console.log(
      `1,800 of 2,000 records settled after ${seconds(lastSettledAt)} s, while 200 wait for a backend that hangs; the run took ${seconds(performance.now())} s`,
    );
    expect(report).toEqual({
      completed: 800,
      removed: 1_000,
      open: 200,
      overdueIds: [],
      ambiguousIds: [],
      failedIds: [],
      finished: true,
    });
    // They never dialled, so they are not made visible as unconfirmed.
    for (const { id } of intents.filter((_, index) => isTenth(index))) {
      expect(await store.get(id)).toMatchObject({ state: 'intent' });
    }
    state.isWell = true;
    wait(RUN_EVERY_MS);
    expect(
      await reconcileProviderCalls({ ...deps, store }, createRequestScope('run-2'), always),
    ).toMatchObject({ completed: 0, removed: 200, open: 0, finished: true });
  },
  10 * 60_000,
);

test(
  'of 400 due records the 360 that the call backend knows are settled run by run, although it hangs on the others',
  async () => {
    const intents = Array.from({ length: 400 }, (_, index) => sampleIntent({ id: idOf(index) }));
    const { store, now, wait } = await startTable(intents);
    const { state, url } = await startBackend((path) => /providercall%3A[0-9]{7}0-/.test(path));
    const deps = { ...backendsAt(url, 1_000), store, now };
    let settled = 0;
    let runs = 0;
    const openAfter: number[] = [];
    while (settled < 360 && runs < 200) {
      const report = await reconcileProviderCalls(deps, createRequestScope('run-1'), always);
      settled += report.completed + report.removed;
      runs += 1;
      openAfter.push(report.open);
      expect(report).toMatchObject({ open: 400 - settled, failedIds: [], finished: true });
      wait(RUN_EVERY_MS);
    }
    console.log(
      `360 of 400 records settled after ${runs} runs, five minutes apart, while the call backend hangs on 40: open after each ${openAfter.join(', ')}`,
    );
    expect(settled).toBe(360);
    for (const { id } of intents.filter((_, index) => isTenth(index))) {
      expect(await store.get(id)).toMatchObject({ state: 'unconfirmed' });
    }
    state.isWell = true;
    wait(TIME_LIMITS.maxSettleAgainAfter);
    expect(await reconcileProviderCalls(deps, createRequestScope('run-2'), always)).toMatchObject({
      completed: 40,
      open: 0,
    });
  },
  10 * 60_000,
);
