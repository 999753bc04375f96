import { expect, test } from 'vitest';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { createAmqpFlowBackend } from '../../../functions/backends/amqp-flow-backend.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { CREATED_AT, IDS } from '../provider-calls/sample-record.ts';
import { type AmqpEnvelope, type AmqpReply, clientOf, listing } from './amqp-managers.ts';

const START = Date.parse('2026-04-21T23:15:00Z');
const MAX_PROCESSING = 600_000;
const IDEMPOTENCY_KEY = 'providercall:1:flow:a';
const FLOW = {
  customerId: IDS.customer,
  actions: [{ type: 'answer' }],
  idempotencyKey: IDEMPOTENCY_KEY,
  createdAt: CREATED_AT,
};

function flowsBehind(reply: (envelope: AmqpEnvelope) => AmqpReply, passed = 0) {
  const { client, sent } = clientOf(reply);
  const backend = createAmqpBackend({ name: 'flow', client, queue: 'flows', timeoutMs: 500 });
  const now = () => new Date(START + passed);
  const flows = createAmqpFlowBackend({ backend, maxProcessing: MAX_PROCESSING, now });
  return { flows, sent, scope: createRequestScope('request-1') };
}

function stored(detail: string, customer: string = IDS.customer) {
  return {
    id: IDS.flow,
    customer_id: customer,
    detail,
    tm_create: '2026-04-21T23:15:01Z',
  };
}

test('a temporary flow has its attempt’s key as its detail', async () => {
  const { flows, sent, scope } = flowsBehind(() => ({ status_code: 200, data: { id: IDS.flow } }));
  expect(await flows.createTemporaryFlow(scope, FLOW)).toBe(IDS.flow);
  expect(sent.map(({ envelope: { method, uri, data } }) => ({ method, uri, data }))).toMatchObject([
    { method: 'POST', uri: '/v1/flows', data: { name: 'tmp', detail: IDEMPOTENCY_KEY, persist: false } },
  ]);
});

test('a temporary flow is found by its detail, however young its attempt', async () => {
  const others = [stored('providercall:1:flow:ab'), stored('providercall:1:flow'), stored('')];
  const own = { ...stored(IDEMPOTENCY_KEY), id: IDS.call };
  const { flows, scope } = flowsBehind(listing({ '/v1/flows': [...others.map(unlike), own] }));
  expect(await flows.findTemporaryFlow(scope, FLOW)).toBe(IDS.call);
});

test.each([
  ['of another attempt', stored('providercall:1:flow:b')],
  ['of another customer', stored(IDEMPOTENCY_KEY, IDS.otherCustomer)],
  ['without detail', { ...stored(''), detail: null }],
])('a flow %s is not its attempt’s', async (_what, other) => {
  const { flows, scope } = flowsBehind(listing({ '/v1/flows': [other] }), MAX_PROCESSING + 200_000);
  expect(await flows.findTemporaryFlow(scope, FLOW)).toBeUndefined();
});

test.each([
  ['unknown', 60_000 + MAX_PROCESSING],
  ['none', 60_000 + MAX_PROCESSING + 30_001],
])('an empty list means %s when the request began %d ms ago', async (meaning, passed) => {
  const { flows, scope } = flowsBehind(listing({}), passed);
  const found = flows.findTemporaryFlow(scope, FLOW);
  if (meaning === 'none') expect(await found).toBeUndefined();
  else await expect(found).rejects.toMatchObject({ name: 'BackendFailure', outcome: 'unknown' });
});

test('a flow is deleted by its id, and one that is gone counts as deleted', async () => {
  const { flows, sent, scope } = flowsBehind(() => ({ status_code: 404 }));
  await flows.deleteFlow(scope, IDS.flow);
  expect(sent.map(({ envelope: { method, uri } }) => `${method} ${uri}`)).toEqual([
    `DELETE /v1/flows/${IDS.flow}`,
  ]);
});

/** Returns the same flow with another id. */
function unlike<Row extends object>(row: Row, index: number) {
  return { ...row, id: `00000000-0000-4000-8000-00000000010${index}` };
}
