import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { createCustomers } from '../src/customers.ts';
import { createDialroutes } from '../src/dialroutes.ts';
import { createFlows } from '../src/flows.ts';
import { createCallsSchema, planCalls } from '../src/plan-calls.ts';
import { createProviders } from '../src/providers.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { address, BEGINNING, callsBody, through } from './platform-under-test.ts';

const { providers: ids } = SEED_IDS;
const tel = address('tel', '+821012345678');

/** Plans a request of the seeded customer, changed as the test says. */
async function plan(changes: Record<string, unknown> = {}, id = 'key-1') {
  const clock = createVirtualClock(BEGINNING);
  const store = createMemoryDocumentStore();
  const providers = createProviders({ store, clock });
  const flows = createFlows({ store, clock });
  const dialroutes = createDialroutes({ store, providers });
  const customers = createCustomers({ store, clock });
  const seed = defaultSeed();
  await Promise.all(seed.providers.map(providers.seed));
  await Promise.all(seed.flows.map(flows.seed));
  await Promise.all(seed.customers.map(customers.seed));
  await Promise.all(seed.dialroutes.map(dialroutes.seed));
  const request = z.parse(createCallsSchema, callsBody(changes));
  const customer = await customers.get(request.customer_id);
  return await planCalls({ clock, flows, dialroutes }, request, customer, id);
}

test('a plan has every call with its provider, and is not settled', async () => {
  const planned = await plan({ destinations: [tel, address('agent', SEED_IDS.agent)] });
  expect(planned).toMatchObject({
    id: 'key-1',
    placed_at: BEGINNING,
    settled: false,
    anonymous: 'auto',
    actions: null,
  });
  expect(planned.calls.map((call) => call.destination)).toEqual([tel]);
  expect(planned.legs.map((leg) => leg.groupcall_id)).toEqual([
    planned.groupcalls[0]?.id,
    planned.groupcalls[0]?.id,
  ]);
  expect(planned.groupcalls[0]?.call_ids).toEqual(planned.legs.map((leg) => leg.id));
  expect(Object.keys(planned.providers)).toEqual([ids.answers]);
});

test('ids are derived from the request, so that planning again returns the same', async () => {
  const destinations = [tel, tel, address('agent', SEED_IDS.agent)];
  const first = await plan({ destinations });
  expect(await plan({ destinations })).toEqual(first);
  const other = await plan({ destinations }, 'key-2');
  const idsOf = ({ calls, legs, groupcalls }: typeof first) =>
    [...calls, ...legs, ...groupcalls].map(({ id }) => id);
  expect(new Set([...idsOf(first), ...idsOf(other)]).size).toBe(10);
});

test('the actions are those of the flow at that time', async () => {
  expect((await plan({ flow_id: SEED_IDS.flow })).actions?.map(({ type }) => type)).toEqual([
    'answer',
    'talk',
    'hangup',
  ]);
  expect((await plan({ flow_id: NIL_UUID })).actions).toBeNull();
});

describe('a destination that fails', () => {
  test('is left out if another one can be dialled', async () => {
    const destinations = [address('email', 'a@example.com'), tel, address('extension', '9999')];
    const planned = await plan({ destinations });
    expect([planned.calls.length, planned.groupcalls.length]).toEqual([1, 0]);
  });

  test('is named, like every other one, when all of them fail', async () => {
    const destinations = [address('email', 'a@example.com'), address('extension', '9999')];
    await expect(plan({ destinations })).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
      details: [
        { field: 'destinations[0]', message: 'A destination of type "email" cannot be dialled.' },
        { field: 'destinations[1]', message: 'The customer has no such extension.' },
      ],
    });
  });
});

test.each([
  ['a flow that does not exist', { flow_id: '11111111-1111-4111-8111-111111111111' }, 'FLOW_NOT_FOUND'],
  ['only deleted providers', through(ids.deleted), 'PROVIDER_NOT_FOUND'],
])('%s cannot be planned', async (_, changes, reason) => {
  await expect(plan(changes)).rejects.toMatchObject({ status: 'INVALID_ARGUMENT', reason });
});

describe('the source', () => {
  test.each([
    ['is sent verbatim where its validation is skipped', { source: address('tel', '12') }, '12'],
    [
      "is the customer's own number",
      { metadata: {}, source: address('tel', '+14155550101') },
      '+14155550101',
    ],
    ['replaces a foreign number', { metadata: {}, source: address('tel', '+14155551234') }, '+14155550100'],
    ['replaces a missing one', { metadata: {}, source: null }, '+14155550100'],
    [
      'may be a sip address',
      { metadata: {}, source: address('sip', 'alice@example.com') },
      'alice@example.com',
    ],
  ])('%s', async (_, changes, target) => {
    expect((await plan(changes)).calls[0]?.source?.target).toBe(target);
  });

  test.each([
    ['a number without +', address('tel', '14155551234')],
    ['no source', null],
    ['a sip address', address('sip', 'alice@example.com')],
  ])('of an anonymous call to a number cannot be %s', async (_, source) => {
    await expect(plan({ anonymous: 'yes', source })).rejects.toMatchObject({
      details: [
        {
          field: 'destinations[0]',
          message: 'An anonymous call to a number needs a source that starts with "+".',
        },
      ],
    });
  });

  test('of an anonymous call to a sip address may be absent', async () => {
    const planned = await plan({
      anonymous: 'yes',
      source: null,
      destinations: [address('sip', 'bob@example.com')],
    });
    expect(planned.calls[0]?.source).toBeNull();
  });
});
