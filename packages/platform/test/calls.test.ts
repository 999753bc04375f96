import { timestampOf } from '@provider-call/sip/clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { type Call, callSchema } from '../src/records/call.ts';
import { groupcallSchema } from '../src/records/groupcall.ts';
import { sipAnalysisSchema } from '../src/records/timeline.ts';
import { SEED_IDS } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { errorOf } from './http-client.ts';
import { type InMemoryOptions, type PlatformInMemory, startPlatformInMemory } from './platform-in-memory.ts';
import { address, BEGINNING, callsBody, seedWithCustomer, through } from './platform-under-test.ts';

let platform: PlatformInMemory;

beforeEach(() => usePlatform());
afterEach(() => platform.close());

const placedSchema = z.object({ calls: z.array(callSchema), groupcalls: z.array(groupcallSchema) });
const pageSchema = z.object({ result: z.array(callSchema), next_page_token: z.string() });
function keyed(key: string) {
  return { headers: { 'Idempotency-Key': key } };
}
const { providers } = SEED_IDS;

async function place(changes: Record<string, unknown> = {}, key?: string) {
  return z.parse(
    placedSchema,
    (await platform.http.post('/v1/calls', callsBody(changes), key ? keyed(key) : {})).body,
  );
}

async function placeOne(changes: Record<string, unknown> = {}): Promise<Call> {
  const [call] = (await place(changes)).calls;
  if (call === undefined) throw new Error('no call was placed');
  return call;
}

async function callOf(id: string) {
  return z.parse(callSchema, (await platform.http.get(`/v1/calls/${id}`)).body);
}
async function groupcallOf(id: string) {
  return z.parse(groupcallSchema, (await platform.http.get(`/v1/groupcalls/${id}`)).body);
}
async function allCalls() {
  return z.parse(pageSchema, (await platform.http.get('/v1/calls')).body).result;
}
async function placedBy(key: string) {
  return z.parse(placedSchema, (await platform.http.get(`/v1/calls?idempotency_key=${key}`)).body);
}
function passSeconds(seconds: number) {
  return platform.clock.advanceTo(platform.clock.now() + seconds * 1000);
}

/** The time so many seconds into the test. */
function at(seconds: number) {
  return timestampOf(BEGINNING + seconds * 1000);
}

async function usePlatform(options: InMemoryOptions = {}) {
  platform = await startPlatformInMemory(options);
}
async function restart() {
  await platform.close();
  await usePlatform({ store: platform.store, clock: createVirtualClock(platform.clock.now()) });
}

describe('placing', () => {
  test('a request returns the whole call as it was placed', async () => {
    const call = await placeOne();
    const now = at(0);
    expect(call).toEqual({
      id: call.id,
      customer_id: SEED_IDS.customer,
      flow_id: NIL_UUID,
      activeflow_id: NIL_UUID,
      type: 'flow',
      master_call_id: NIL_UUID,
      groupcall_id: NIL_UUID,
      source: address('tel', '+14155551234'),
      destination: address('tel', '+821012345678'),
      status: 'dialing',
      direction: 'outgoing',
      metadata: { route_provider_ids: [providers.answers], skip_source_validation: true },
      hangup_by: '',
      hangup_reason: '',
      dialroute_id: providers.answers,
      dialroutes: [
        {
          id: providers.answers,
          customer_id: SEED_IDS.customer,
          provider_id: providers.answers,
          priority: 0,
          target: '+82',
        },
      ],
      tm_ringing: null,
      tm_progressing: null,
      tm_hangup: null,
      tm_create: now,
      tm_update: now,
      tm_delete: null,
    });
    expect(await allCalls()).toEqual([call]);
  });

  test('a request creates a call for each tel and sip destination and a groupcall for each agent and extension', async () => {
    const { calls, groupcalls } = await place({
      destinations: [
        address('tel', '+821012345678'),
        address('agent', SEED_IDS.agent),
        address('sip', 'alice@phone.example.com'),
        address('extension', '1001'),
      ],
    });
    expect(calls.map(({ destination }) => destination.target)).toEqual([
      '+821012345678',
      'alice@phone.example.com',
    ]);
    expect(groupcalls.map(({ destinations }) => destinations.map(({ target }) => target))).toEqual([
      ['+14155550110', 'agent@phone.example.com'],
      ['1001@phone.example.com'],
    ]);
  });

  test('a groupcall leg goes through the forced provider', async () => {
    const [groupcall] = (await place({ destinations: [address('agent', SEED_IDS.agent)] })).groupcalls;
    const legs = await Promise.all((groupcall?.call_ids ?? []).map(callOf));
    expect(legs).toHaveLength(2);
    for (const leg of legs) {
      expect(leg.groupcall_id).toBe(groupcall?.id);
      expect(leg.dialroutes.map((route) => route.provider_id)).toEqual([providers.answers]);
      expect(leg.metadata.route_provider_ids).toEqual([providers.answers]);
    }
  });

  test('a destination that fails does not stop the others', async () => {
    const { calls } = await place({
      destinations: [address('email', 'a@example.com'), address('tel', '+821012345678')],
    });
    expect(calls.map(({ destination }) => destination.target)).toEqual(['+821012345678']);
  });

  test.each([
    ['of a kind that cannot be dialled', address('email', 'a@example.com')],
    ['an agent that there is not', address('agent', '11111111-1111-4111-8111-111111111111')],
    ['an extension named like what every object has', address('extension', 'constructor')],
  ])('a request fails when all destinations fail: %s', async (_, destination) => {
    const response = await platform.http.post(
      '/v1/calls',
      callsBody({ destinations: [destination, destination] }),
    );
    expect(errorOf(response)).toEqual({ http: 400, status: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT' });
    expect(await allCalls()).toEqual([]);
  });

  test.each([
    ['an unknown metadata key', { metadata: { route_provider_id: providers.answers } }, 'INVALID_ARGUMENT'],
    ['no destination', { destinations: [] }, 'INVALID_ARGUMENT'],
    ['a line break in a target', { destinations: [address('tel', '+82\r\nX: y')] }, 'INVALID_ARGUMENT'],
    ['a flow that there is not', { flow_id: '11111111-1111-4111-8111-111111111111' }, 'FLOW_NOT_FOUND'],
    ['no provider that can be used', through(providers.deleted, 'no-uuid'), 'PROVIDER_NOT_FOUND'],
    ['an empty list of providers', through(), 'PROVIDER_NOT_FOUND'],
  ])('a request with %s is rejected and places nothing', async (_, changes, reason) => {
    const response = await platform.http.post('/v1/calls', callsBody(changes), keyed('key-1'));
    expect(errorOf(response)).toEqual({ http: 400, status: 'INVALID_ARGUMENT', reason });
    expect(await allCalls()).toEqual([]);
    expect(await placedBy('key-1')).toEqual({ calls: [], groupcalls: [] });
  });

  test.each([
    { rtp_debug: true },
    { codecs: 'G722,PCMU' },
    { skip_source_validation: true },
    { route_provider_ids: [providers.answers] },
  ])('a request may have the metadata %j', async (metadata) => {
    expect((await placeOne({ metadata, source: null })).metadata).toEqual(metadata);
  });
});

describe('a key', () => {
  const destinations = [address('tel', '+821012345678'), address('agent', SEED_IDS.agent)];

  test('places one set of calls for any number of parallel requests', async () => {
    const placed = await Promise.all(Array.from({ length: 20 }, () => place({ destinations }, 'key-1')));
    for (const response of placed) expect(response).toEqual(placed[0]);
    expect(await allCalls()).toHaveLength(3);
  });

  test('has the same response after a restart, and nothing is placed again', async () => {
    const placed = await place({ destinations }, 'key-1');
    await restart();
    expect(await place({ destinations }, 'key-1')).toEqual(placed);
    expect(await allCalls()).toHaveLength(3);
  });

  test('has the same response after its flow and its provider have been deleted', async () => {
    const placed = await place({ flow_id: SEED_IDS.flow }, 'key-1');
    await platform.http.delete(`/v1/flows/${SEED_IDS.flow}`);
    await platform.http.delete(`/v1/providers/${providers.answers}`);
    expect(await place({ flow_id: SEED_IDS.flow }, 'key-1')).toEqual(placed);
  });

  test('finds what it placed, as it is now', async () => {
    const placed = await place({ destinations }, 'key-1');
    passSeconds(30);
    const found = await placedBy('key-1');
    expect(found.calls.map(({ id, status }) => [id, status])).toEqual(
      placed.calls.map(({ id }) => [id, 'hangup']),
    );
    expect(found.groupcalls.map(({ id, status }) => [id, status])).toEqual(
      placed.groupcalls.map(({ id }) => [id, 'hangup']),
    );
  });

  test('finds nothing where it placed nothing', async () => {
    await place({}, 'key-1');
    expect(await placedBy('key-2')).toEqual({ calls: [], groupcalls: [] });
  });

  test('that was rejected may succeed later', async () => {
    const rejected = await platform.http.post(
      '/v1/calls',
      callsBody(through(providers.deleted)),
      keyed('key-1'),
    );
    expect(rejected.status).toBe(400);
    expect((await place({}, 'key-1')).calls).toHaveLength(1);
  });
});

test('a source that cannot be replaced rejects the request', async () => {
  await usePlatform({ seed: seedWithCustomer({ default_outgoing_number: null }) });
  const response = await platform.http.post('/v1/calls', callsBody({ metadata: {} }));
  expect(errorOf(response).http).toBe(400);
  expect(await allCalls()).toEqual([]);
});

describe('routes', () => {
  const routesOf = async (metadata: unknown) =>
    (await placeOne({ metadata })).dialroutes.map((route) => [route.provider_id, route.priority]);

  test("without named providers are the customer's, then the default ones whose provider is not named yet", async () => {
    expect(await routesOf({})).toEqual([
      [providers.customerRoute, 0],
      [providers.defaultRoute, 1],
    ]);
  });

  test('with named providers are exactly those, in their order', async () => {
    const metadata = { route_provider_ids: [providers.busy, providers.deleted, providers.answers] };
    expect(await routesOf(metadata)).toEqual([
      [providers.busy, 0],
      [providers.answers, 2],
    ]);
  });

  test('lead to the next provider when one fails', async () => {
    const { id } = await placeOne(through(providers.rejects, providers.answers));
    passSeconds(5);
    const call = await callOf(id);
    expect([call.status, call.dialroute_id]).toEqual(['progressing', providers.answers]);
  });

  test.each([
    ['busy', providers.busy, 'busy'],
    ['not answered', providers.neverAnswers, 'dialout'],
  ])('lead to no other provider when the phone is %s', async (_, provider, reason) => {
    const { id } = await placeOne(through(provider, providers.answers));
    passSeconds(70);
    const call = await callOf(id);
    expect([call.status, call.hangup_reason, call.dialroute_id]).toEqual(['hangup', reason, provider]);
  });

  test('never lead from a forced provider that fails to any other', async () => {
    const { id } = await placeOne(through(providers.rejects));
    passSeconds(30);
    const call = await callOf(id);
    expect([call.hangup_reason, call.dialroute_id]).toEqual(['failed', providers.rejects]);
  });
});

describe('limits of the customer', () => {
  test('reject more calls than its rate, say when to come back, and let pass after that', async () => {
    await usePlatform({ seed: seedWithCustomer({ rate_limit: { calls: 2, seconds: 10 } }) });
    await place();
    passSeconds(3);
    await place();
    const rejected = await platform.http.post('/v1/calls', callsBody());
    expect(errorOf(rejected)).toEqual({
      http: 429,
      status: 'RESOURCE_EXHAUSTED',
      reason: 'RATE_LIMIT_EXCEEDED',
    });
    expect(rejected.headers.get('retry-after')).toBe('7');
    expect(await allCalls()).toHaveLength(2);
    passSeconds(7);
    await place();
    expect(await allCalls()).toHaveLength(3);
  });

  test('take nothing from the balance for calls that are rejected', async () => {
    await usePlatform({ seed: seedWithCustomer({ balance: 4, call_price: 2 }) });
    const destinations = ['1', '2', '3'].map((digit) => address('tel', `+8210123456${digit}`));
    expect((await platform.http.post('/v1/calls', callsBody({ destinations }))).status).toBe(402);
    await place({ destinations: destinations.slice(0, 2) });
    expect(await allCalls()).toHaveLength(2);
  });

  test('reject calls that the balance does not cover', async () => {
    await usePlatform({ seed: seedWithCustomer({ balance: 5, call_price: 2 }) });
    await place({}, 'key-1');
    await place({}, 'key-1');
    await place();
    const rejected = await platform.http.post('/v1/calls', callsBody());
    expect(errorOf(rejected)).toEqual({
      http: 402,
      status: 'PAYMENT_REQUIRED',
      reason: 'INSUFFICIENT_BALANCE',
    });
    expect(await allCalls()).toHaveLength(2);
  });
});

describe('the life of a call', () => {
  test('goes from dialing over ringing and progressing to the hangup of the far end', async () => {
    const { id } = await placeOne();
    const seen = [await callOf(id)];
    for (const seconds of [1, 2, 20]) {
      passSeconds(seconds);
      seen.push(await callOf(id));
    }
    expect(seen.map(({ status }) => status)).toEqual(['dialing', 'ringing', 'progressing', 'hangup']);
    expect(seen.at(-1)).toMatchObject({
      hangup_by: 'remote',
      hangup_reason: 'normal',
      tm_ringing: at(0.5),
      tm_progressing: at(2),
      tm_hangup: at(12),
      tm_update: at(12),
    });
  });

  test.each([
    ['busy', providers.busy, 'remote', 'busy'],
    ['rejecting', providers.rejects, 'remote', 'failed'],
    ['never answering', providers.neverAnswers, 'local', 'dialout'],
  ])('through the provider that is %s ends accordingly', async (_, provider, by, reason) => {
    const { id } = await placeOne(through(provider));
    passSeconds(61);
    expect(await callOf(id)).toMatchObject({ status: 'hangup', hangup_by: by, hangup_reason: reason });
  });

  test('ends by cancel when it is hung up before the answer', async () => {
    const { id } = await placeOne();
    passSeconds(1);
    const response = await platform.http.post(`/v1/calls/${id}/hangup`);
    expect(z.parse(callSchema, response.body).status).toBe('canceling');
    passSeconds(1);
    expect(await callOf(id)).toMatchObject({
      status: 'hangup',
      hangup_by: 'local',
      hangup_reason: 'cancel',
      tm_progressing: null,
    });
  });

  test('ends normally when it is hung up after the answer', async () => {
    const { id } = await placeOne();
    passSeconds(3);
    const response = await platform.http.post(`/v1/calls/${id}/hangup`);
    expect(z.parse(callSchema, response.body).status).toBe('terminating');
    passSeconds(1);
    expect(await callOf(id)).toMatchObject({ status: 'hangup', hangup_by: 'local', hangup_reason: 'normal' });
  });

  test('stays ended when it is hung up again', async () => {
    const { id } = await placeOne(through(providers.busy));
    passSeconds(30);
    const ended = await callOf(id);
    expect((await platform.http.post(`/v1/calls/${id}/hangup`)).body).toEqual(ended);
  });

  test.each([
    ['dialled', false],
    ['replayed', true],
  ])('that was %s is deleted once it has ended, and no longer listed', async (_how, replayed) => {
    await usePlatform({ replayed });
    const { id } = await placeOne();
    expect(errorOf(await platform.http.delete(`/v1/calls/${id}`))).toMatchObject({
      http: 409,
      reason: 'CALL_IN_PROGRESS',
    });
    passSeconds(60);
    const ended = await callOf(id);
    const deleted = { ...ended, tm_update: at(60), tm_delete: at(60) };
    expect((await platform.http.delete(`/v1/calls/${id}`)).body).toEqual(deleted);
    passSeconds(1);
    expect((await platform.http.delete(`/v1/calls/${id}`)).body).toEqual(deleted);
    expect(await callOf(id)).toEqual(deleted);
    expect(await allCalls()).toEqual([]);
  });

  test('ends by timeout after its maximum duration', async () => {
    await usePlatform({ maxDurationMs: 5000 });
    const { id } = await placeOne();
    passSeconds(30);
    expect(await callOf(id)).toMatchObject({ hangup_by: 'local', hangup_reason: 'timeout' });
  });

  test('is ended as failed by a restart, its groupcall too', async () => {
    const { calls, groupcalls } = await place({
      destinations: [address('tel', '+821012345678'), address('agent', SEED_IDS.agent)],
    });
    passSeconds(3);
    await restart();
    const [call] = calls;
    const [groupcall] = groupcalls;
    expect(await callOf(call?.id ?? '')).toMatchObject({
      status: 'hangup',
      hangup_by: 'local',
      hangup_reason: 'failed',
    });
    expect((await groupcallOf(groupcall?.id ?? '')).status).toBe('hangup');
    expect((await allCalls()).every(({ status }) => status === 'hangup')).toBe(true);
  });

  test('the first leg of a groupcall to answer ends the others', async () => {
    const [groupcall] = (await place({ destinations: [address('agent', SEED_IDS.agent)] })).groupcalls;
    passSeconds(3);
    const { answer_call_id: answered, status, call_ids: ids } = await groupcallOf(groupcall?.id ?? '');
    expect([answered, status]).toEqual([ids[0], 'progressing']);
    const legs = await Promise.all(ids.map(callOf));
    expect(legs.map((leg) => [leg.status, leg.hangup_reason])).toEqual([
      ['progressing', ''],
      ['hangup', 'cancel'],
    ]);
    passSeconds(20);
    expect((await groupcallOf(groupcall?.id ?? '')).status).toBe('hangup');
  });
});

describe('a flow', () => {
  test('runs on the answer and hangs up at its end', async () => {
    const { id, activeflow_id } = await placeOne({ flow_id: SEED_IDS.flow });
    expect(activeflow_id).not.toBe(NIL_UUID);
    // The answer after 2 s, then six words.
    passSeconds(4.3);
    expect((await callOf(id)).status).toBe('progressing');
    passSeconds(0.2);
    expect(await callOf(id)).toMatchObject({
      hangup_by: 'local',
      hangup_reason: 'normal',
      tm_hangup: at(4.45),
    });
  });

  test('notes what it did', async () => {
    const { id } = await placeOne({ flow_id: SEED_IDS.flow });
    passSeconds(10);
    const { body } = await platform.http.get(`/v1/timelines/calls/${id}/sip-analysis`);
    expect(z.parse(sipAnalysisSchema, body).notes?.map(({ text }) => text)).toEqual([
      'Scripted: nothing leaves this process.',
      'answer: the call is answered already',
      'talk: 2400 ms of silence',
      'hangup',
    ]);
  });
});

test("another customer's call and groupcall are not found", async () => {
  const { calls, groupcalls } = await place({
    destinations: [address('tel', '+821012345678'), address('agent', SEED_IDS.agent)],
  });
  const other = '?customer_id=11111111-1111-4111-8111-111111111111';
  const responses = await Promise.all([
    platform.http.get(`/v1/calls/${calls[0]?.id}${other}`),
    platform.http.get(`/v1/timelines/calls/${calls[0]?.id}/sip-analysis${other}`),
    platform.http.get(`/v1/timelines/calls/${calls[0]?.id}/events${other}`),
    platform.http.post(`/v1/calls/${calls[0]?.id}/hangup${other}`),
    platform.http.delete(`/v1/calls/${calls[0]?.id}${other}`),
    platform.http.get(`/v1/groupcalls/${groupcalls[0]?.id}${other}`),
  ]);
  expect(responses.map((response) => errorOf(response).reason)).toEqual([
    'CALL_NOT_FOUND',
    'CALL_NOT_FOUND',
    'CALL_NOT_FOUND',
    'CALL_NOT_FOUND',
    'CALL_NOT_FOUND',
    'GROUPCALL_NOT_FOUND',
  ]);
  expect(z.parse(pageSchema, (await platform.http.get(`/v1/calls${other}`)).body).result).toEqual([]);
});
