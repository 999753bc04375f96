import { expect, test } from 'vitest';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { createAmqpCallBackend } from '../../../functions/backends/amqp-call-backend.ts';
import { callOrder } from '../../../functions/provider-calls/provider-call.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { IDS, sampleIntent } from '../provider-calls/sample-record.ts';
import { type AmqpEnvelope, type AmqpReply, clientOf, listing } from './amqp-managers.ts';

const START = Date.parse('2026-04-21T23:15:00Z');
const PERIOD = { from: START, to: START + 60_000 };
const TM_CREATE = '2026-04-21T23:15:01.5Z';

function callsBehind(reply: (envelope: AmqpEnvelope) => AmqpReply) {
  const { client, sent } = clientOf(reply);
  const backend = createAmqpBackend({ name: 'call', client, queue: 'calls', timeoutMs: 500 });
  return { calls: createAmqpCallBackend(backend), sent, scope: createRequestScope('request-1') };
}

function placing(data: unknown, source = sampleIntent().source) {
  const { calls, sent, scope } = callsBehind(() => ({ status_code: 200, data }));
  return { placed: calls.placeCalls(scope, callOrder(sampleIntent({ source }))), sent };
}

test.each([
  [
    'both lists',
    { calls: [{ id: IDS.call }], groupcalls: [{ id: IDS.groupcall }] },
    [IDS.call],
    [IDS.groupcall],
  ],
  ['calls only', { calls: [{ id: IDS.call }] }, [IDS.call], []],
  ['groupcalls only', { calls: null, groupcalls: [{ id: IDS.groupcall }] }, [], [IDS.groupcall]],
])('a reply with %s names what was placed', async (_what, data, callIds, groupcallIds) => {
  expect(await placing(data).placed).toEqual({ callIds, groupcallIds });
});

test.each([{}, { calls: [], groupcalls: [] }, { calls: [{ id: 'call-1' }] }, []])(
  'a success that names nothing, %j, is unknown',
  async (data) => {
    await expect(placing(data).placed).rejects.toMatchObject({ outcome: 'unknown' });
  },
);

test('a missing source is sent as an empty address', async () => {
  const { placed, sent } = placing({ calls: [{ id: IDS.call }] }, null);
  await placed;
  expect(sent.map(({ envelope }) => envelope.data)).toMatchObject([
    { source: { type: '', target: '', target_name: '' }, flow_id: NIL_UUID, anonymous: 'auto' },
  ]);
});

const CALL = {
  id: IDS.call,
  customer_id: IDS.customer,
  flow_id: IDS.flow,
  groupcall_id: NIL_UUID,
  source: { type: 'tel', target: '+14155551234' },
  destination: { type: 'tel', target: '+821012345678', target_name: '' },
  metadata: { route_provider_ids: [IDS.provider], skip_source_validation: true },
  tm_create: TM_CREATE,
  tm_delete: TM_CREATE,
};
const GROUPCALL = { id: IDS.groupcall, customer_id: IDS.customer, flow_id: IDS.flow, tm_create: TM_CREATE };

async function listed(changes: object = {}, groupcallChanges: object = {}) {
  const { calls, scope, sent } = callsBehind(
    listing({
      '/v1/calls': [{ ...CALL, ...changes }],
      '/v1/groupcalls': [{ ...GROUPCALL, ...groupcallChanges }],
    }),
  );
  const found = await calls.listCalls(scope, { customerId: IDS.customer, flowId: IDS.flow }, PERIOD);
  return { ...found, sent };
}

test('a list has calls and groupcalls, including deleted ones, with the properties that identify their record', async () => {
  const { calls, groupcalls, sent } = await listed();
  expect(calls).toEqual([
    {
      id: IDS.call,
      source: { type: 'tel', target: '+14155551234' },
      destination: { type: 'tel', target: '+821012345678' },
      providerId: IDS.provider,
      createdAt: START + 1_500,
    },
  ]);
  expect(groupcalls).toEqual([
    { id: IDS.groupcall, source: { type: '', target: '' }, createdAt: START + 1_500 },
  ]);
  expect(sent.map(({ envelope: { data } }) => data)).toEqual(
    Array(4).fill({ customer_id: IDS.customer, flow_id: IDS.flow }),
  );
});

test.each([
  ['a leg of a groupcall', { groupcall_id: IDS.groupcall }],
  ['chained to another call', { master_call_id: IDS.call }],
  ['of another time', { tm_create: '2026-04-21T23:14:59Z' }],
])('a call that is %s is not listed', async (_what, changes) => {
  expect((await listed(changes)).calls).toEqual([]);
});

test.each([
  ['another groupcall’s', { master_groupcall_id: IDS.call }],
  ['a call’s', { master_call_id: IDS.call }],
])('a groupcall that is %s is not listed', async (_what, changes) => {
  expect((await listed({}, changes)).groupcalls).toEqual([]);
});

test.each([IDS.call, null])(
  'what has the flow %s is not listed, even if a manager does not filter',
  async (flow_id) => {
    const list = listing({
      '/v1/calls': [{ ...CALL, flow_id }],
      '/v1/groupcalls': [{ ...GROUPCALL, flow_id }],
    });
    const { calls, scope } = callsBehind((envelope) => list({ ...envelope, data: {} }));
    const order = { customerId: IDS.customer, flowId: IDS.flow };
    expect(await calls.listCalls(scope, order, PERIOD)).toEqual({ calls: [], groupcalls: [] });
    const withoutFlow = { customerId: IDS.customer, flowId: NIL_UUID };
    const found = await calls.listCalls(scope, withoutFlow, PERIOD);
    expect(found.calls).toHaveLength(flow_id === null ? 1 : 0);
  },
);

test.each([
  ['no metadata', null],
  ['two providers', { route_provider_ids: [IDS.provider, IDS.otherProvider], skip_source_validation: true }],
  ['its source checked', { route_provider_ids: [IDS.provider] }],
])('a call with %s was not placed through one provider', async (_what, metadata) => {
  expect((await listed({ metadata })).calls.map(({ providerId }) => providerId)).toEqual([undefined]);
});
