import { SEED_IDS } from '@provider-call/platform/seed';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { createAmqpCallBackend } from '../../../functions/backends/amqp-call-backend.ts';
import { createCallClaimStore } from '../../../functions/provider-calls/call-claim-store.ts';
import { createClaimedCalls } from '../../../functions/provider-calls/claimed-calls.ts';
import { callOrder } from '../../../functions/provider-calls/provider-call.ts';
import { createProviderCallStore } from '../../../functions/provider-calls/provider-call-store.ts';
import { settleProviderCall } from '../../../functions/provider-calls/settle-provider-call.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { responseTo } from '../../../packages/platform/src/manager-rpc.ts';
import {
  type PlatformInMemory,
  startPlatformInMemory,
} from '../../../packages/platform/test/platform-in-memory.ts';
import { startDynamodb } from '../../dynamodb.ts';
import { IDS, sampleIntent } from './sample-record.ts';

/*
 * Calls that the platform has deleted before their record is settled, with the stand-in's managers in place of
 * a broker's consumers.
 */

const dynamodb = await startDynamodb();
const DUE = '2026-04-21 23:16:00.000000';
const MINUTE = 60_000;

let platform: PlatformInMemory;
beforeEach(async () => {
  platform = await startPlatformInMemory();
});
afterEach(() => platform.close());

test('a call that was deleted is still found and claimed when its record settles', async () => {
  const now = () => new Date(platform.clock.now());
  const scope = createRequestScope('reconcile-1');
  const table = await dynamodb.createProviderCallTable();
  const store = createProviderCallStore(dynamodb.documents, table);
  const claims = createCallClaimStore(dynamodb.documents, table);
  const client = {
    request: async ({ body }: { body: string }) => (await responseTo(platform.app, 'call', body)) ?? '',
    close: () => {},
  };
  const calls = createAmqpCallBackend(
    createAmqpBackend({ name: 'call', client, queue: 'calls', timeoutMs: 500 }),
  );
  const intent = sampleIntent({ customerId: SEED_IDS.customer, providerId: SEED_IDS.providers.answers });
  await store.insertIntent({ intent, due: DUE });

  // The reply with the call's id is lost.
  const { callIds } = await calls.placeCalls(scope, callOrder(intent));
  const [callId = ''] = callIds;
  await platform.clock.advanceTo(platform.clock.now() + MINUTE);
  await platform.http.post(`/v1/calls/${callId}/hangup`, {});
  await platform.clock.advanceTo(platform.clock.now() + MINUTE);
  expect((await platform.http.delete(`/v1/calls/${callId}`)).body).toMatchObject({
    tm_delete: expect.any(String),
  });
  expect((await platform.http.get('/v1/calls')).body).toMatchObject({ result: [] });

  const settled = await settleProviderCall(
    {
      store,
      now,
      callBackend: createClaimedCalls({ calls, claims, maxProcessing: MINUTE, now }),
      flowBackend: {
        createTemporaryFlow: async () => IDS.flow,
        findTemporaryFlow: async () => undefined,
        deleteFlow: async () => {},
      },
    },
    scope,
    intent,
  );
  expect(settled).toMatchObject({ kind: 'placed', record: { id: intent.id, callIds: [callId] } });
  expect(await claims.findOwners([{ kind: 'call', id: callId }])).toEqual(new Map([[callId, intent.id]]));
});
