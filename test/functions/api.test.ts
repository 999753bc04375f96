import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { NIL_UUID } from '../../functions/uuid.ts';
import { EXAMPLE_BODY, EXAMPLE_RECORD, platform, RESPONSE_HEADERS, startApi } from './api-under-test.ts';
import { jsonResponse } from './backend-server.ts';
import { captureOutput, parseLine } from './log-lines.ts';
import { IDS, sampleIntent } from './provider-calls/sample-record.ts';

const api = await startApi();
const ACTIONS = [
  { type: 'talk', option: { text: 'This is a provider verification call.', nested: [1e300, { '': null }] } },
];
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000404';
const identified = z.object({ id: z.string(), tm_create: z.string(), tm_update: z.string() });

let output: string[];
beforeEach(() => {
  output = captureOutput();
  api.backend.respond = platform;
  api.backend.forget();
  api.dynamodb.forget();
});
afterEach(() => {
  vi.useRealTimers();
});

async function created(body: unknown = EXAMPLE_BODY, sent = {}) {
  return identified.parse((await api.create(body, sent)).body);
}
function requests() {
  return api.backend.received.map(({ method, path }) => `${method} ${path}`);
}
function error(status: string, reason: string, more: Record<string, unknown> = {}) {
  return {
    error: { status, reason, message: expect.stringMatching(/./), request_id: 'gateway-request-1', ...more },
  };
}

describe('a create', () => {
  test('places the call and returns its record: two writes, two backend requests', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 3, 21, 23, 15) });
    const { status, headers, body } = await api.create(EXAMPLE_BODY);
    const { id } = identified.parse(body);
    expect({ status, headers }).toEqual({
      status: 200,
      headers: {
        ...RESPONSE_HEADERS,
        'X-Request-Id': 'gateway-request-1',
        'X-ProviderCall-State': 'placed',
        'X-ProviderCall-Created-By': `agent:${IDS.agent}`,
        'X-ProviderCall-Request-Id': 'gateway-request-1',
      },
    });
    const now = '2026-04-21 23:15:00.000000';
    expect(body).toEqual({ ...EXAMPLE_RECORD, id, tm_create: now, tm_update: now });
    expect(api.dynamodb.operations).toEqual(['PutItem', 'UpdateItem']);
    expect(requests()).toEqual([`GET /v1/providers/${IDS.provider}`, 'POST /v1/calls']);
    expect((await api.get(id)).body).toEqual(body);
  });

  test('with actions also creates a temporary flow: three writes, three backend requests', async () => {
    const { status, body } = await api.create({ ...EXAMPLE_BODY, actions: ACTIONS });
    const { tm_create, tm_update, id } = identified.parse(body);
    expect({ status, body }).toEqual({ status: 200, body: { ...EXAMPLE_RECORD, id, tm_create, tm_update } });
    expect(api.dynamodb.operations).toEqual(['PutItem', 'UpdateItem', 'UpdateItem']);
    expect(requests()).toEqual([`GET /v1/providers/${IDS.provider}`, 'POST /v1/flows', 'POST /v1/calls']);
    const [, flow, calls] = api.backend.received;
    expect(flow?.body).toMatchObject({ customer_id: IDS.customer, actions: ACTIONS, persist: false });
    expect(calls?.body).toMatchObject({ customer_id: IDS.customer, flow_id: IDS.flow });
  });

  test('with a flow and actions uses the flow', async () => {
    const flowId = '00000000-0000-4000-8000-0000000000f9';
    const { body } = await api.create({ ...EXAMPLE_BODY, flow_id: flowId, actions: ACTIONS });
    expect(body).toMatchObject({ flow_id: flowId });
    expect(requests()).toEqual([`GET /v1/providers/${IDS.provider}`, 'POST /v1/calls']);
    expect(api.backend.received[1]?.body).toMatchObject({ flow_id: flowId });
  });

  test('passes the request’s id to the backends, the response and the log', async () => {
    const headers = { 'content-type': ['application/json'], 'x-request-id': ['client-request-7'] };
    const { headers: received } = await api.create(EXAMPLE_BODY, { headers });
    expect(received['X-Request-Id']).toBe('client-request-7');
    expect(api.backend.received.map((request) => request.headers['x-request-id'])).toEqual([
      'client-request-7',
      'client-request-7',
    ]);
    expect(output.map(parseLine)).toEqual([
      {
        level: 'info',
        request_id: 'client-request-7',
        gateway_request_id: 'gateway-request-1',
        route: 'POST /v1.0/providercalls',
        customer_id: IDS.customer,
        actor: `agent:${IDS.agent}`,
        status: 200,
        backend_ms: { route: expect.any(Number), call: expect.any(Number) },
        Function: 'create',
        CallsPlaced: 2,
      },
    ]);
  });

  test('carries any addresses verbatim to the backend and into the record', async () => {
    const text = (minLength: number) =>
      fc
        .string({ unit: 'binary', minLength, maxLength: 40 })
        .filter((value) => !/[\p{Cc}\p{Cf}\p{DI}\u2028\u2029\ufffd]/u.test(value));
    const address = fc.oneof(
      fc.record({
        type: fc.constant('tel'),
        target: fc.stringMatching(/^[+][-.()]{0,3}\d[-.()\d]{0,20}$/),
        target_name: text(0),
      }),
      fc.record({
        type: fc.constantFrom('sip', 'agent', 'extension'),
        target: text(1),
        target_name: text(0),
      }),
    );
    const addresses = fc.record({
      source: fc.option(address),
      destinations: fc.array(address, { minLength: 1, maxLength: 5 }),
      anonymous: fc.constantFrom('no', 'auto', ''),
    });
    await fc.assert(
      fc.asyncProperty(addresses, async (given) => {
        api.backend.forget();
        const { status, body } = await api.create({ provider_id: IDS.provider, ...given });
        expect(status).toBe(200);
        expect(body).toMatchObject(given);
        expect(api.backend.received.at(-1)?.body).toMatchObject(given);
        const { source, destinations, anonymous } = (await api.store.get(identified.parse(body).id)) ?? {};
        expect({ source, destinations, anonymous }).toEqual(given);
      }),
      { seed: 8704, numRuns: 25 },
    );
  });

  test.each([
    ['is not there', jsonResponse(404, {})],
    ['was deleted', jsonResponse(200, { id: IDS.provider, tm_delete: '2026-04-21 23:15:00.000000' })],
  ])('through a provider that %s is 400, and nothing is written', async (_what, respond) => {
    api.backend.respond = respond;
    const { status, body } = await api.create(EXAMPLE_BODY);
    expect({ status, body }).toEqual({
      status: 400,
      body: error('INVALID_ARGUMENT', 'PROVIDER_NOT_FOUND', {
        details: [{ field: 'provider_id', message: 'names no current provider' }],
      }),
    });
    expect(api.dynamodb.operations).toEqual([]);
    expect(requests()).toEqual([`GET /v1/providers/${IDS.provider}`]);
  });

  test.each([
    [402, 'PAYMENT_REQUIRED', 'INSUFFICIENT_BALANCE', 402],
    [429, 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', 429],
    [400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 400],
    [403, 'INTERNAL', 'INTERNAL', 500],
  ])(
    'whose calls are rejected with %i leaves neither record nor flow',
    async (refused, status, reason, httpStatus) => {
      api.backend.respond = (response, request) =>
        (request.path === '/v1/calls'
          ? jsonResponse(refused, { error: { reason: 'WHY', message: 'because' } })
          : platform)(response, request);
      const before = await api.list();
      api.dynamodb.forget();
      const rejection = await api.create({ ...EXAMPLE_BODY, actions: ACTIONS });
      expect(rejection).toMatchObject({ status: httpStatus, body: error(status, reason) });
      expect(rejection.headers['Retry-After']).toBe(httpStatus === 429 ? '1' : undefined);
      expect(requests().at(-1)).toBe(`DELETE /v1/flows/${IDS.flow}`);
      expect(api.dynamodb.operations).toEqual(['PutItem', 'UpdateItem', 'DeleteItem']);
      expect((await api.list()).body).toEqual(before.body);
    },
  );

  test('whose outcome is unknown returns the record’s id and keeps it, unconfirmed', async () => {
    api.backend.respond = (response, request) =>
      (request.path === '/v1/calls' ? jsonResponse(500, {}) : platform)(response, request);
    const { status, headers, body } = await api.create({ ...EXAMPLE_BODY, actions: ACTIONS });
    expect(status).toBe(503);
    expect(headers['X-ProviderCall-State']).toBe('unconfirmed');
    expect(body).toEqual(
      error('UNAVAILABLE', 'CALL_OUTCOME_UNKNOWN', { details: [{ providercall_id: expect.any(String) }] }),
    );
    const { error: envelope } = z
      .object({ error: z.object({ details: z.tuple([z.object({ providercall_id: z.string() })]) }) })
      .parse(body);
    const id = envelope.details[0].providercall_id;
    const record = await api.get(id);
    expect(record.headers['X-ProviderCall-State']).toBe('unconfirmed');
    expect(record.body).toMatchObject({ ...EXAMPLE_RECORD, call_ids: [], groupcall_ids: [] });
    expect(requests().filter((request) => request.startsWith('DELETE'))).toEqual([]);
    expect(parseLine(output[0] ?? '')).toMatchObject({
      level: 'error',
      status: 503,
      CallsUnconfirmed: 1,
      ServerErrors: 1,
    });
  });
});

test('a create that Lambda is about to end does not suggest sending it again, because its calls may have been placed', async () => {
  const released = Promise.withResolvers<void>();
  api.backend.respond = async (response, request) => {
    if (request.path === '/v1/calls') await released.promise;
    platform(response, request);
  };
  const { status, body } = await api.create(EXAMPLE_BODY, { remainingMs: 600 });
  expect({ status, body }).toEqual({ status: 503, body: error('UNAVAILABLE', 'REQUEST_TIMEOUT') });
  expect(JSON.stringify(body)).toContain('may have taken effect');
  expect(JSON.stringify(body)).not.toMatch(/try again|nothing was/i);
  released.resolve();
  await expect.poll(() => api.dynamodb.operations).toEqual(['PutItem', 'UpdateItem']);
});

describe('a create with an Idempotency-Key', () => {
  const keyed = (key: string, sent = {}) => ({
    headers: { 'Content-Type': ['application/json'], 'Idempotency-Key': [key] },
    ...sent,
  });

  test.each([[['']], [['a b']], [['é']], [['k'.repeat(256)]], [['a', 'a']]])(
    'is 400 when the key is %j, and nothing is written',
    async (keys) => {
      const headers = { 'Content-Type': ['application/json'], 'Idempotency-Key': keys };
      const { status, body } = await api.create(EXAMPLE_BODY, { headers });
      expect({ status, body }).toEqual({
        status: 400,
        body: error('INVALID_ARGUMENT', 'INVALID_ARGUMENT', {
          details: [{ field: 'Idempotency-Key', message: expect.any(String) }],
        }),
      });
      expect([api.dynamodb.operations, requests()]).toEqual([[], []]);
    },
  );

  test('returns the same record again and dials nothing', async () => {
    const first = await api.create(EXAMPLE_BODY, keyed('key-1'));
    api.backend.forget();
    const second = await api.create(EXAMPLE_BODY, keyed('key-1'));
    expect(second).toEqual({ ...first, headers: { ...first.headers, 'Idempotent-Replayed': 'true' } });
    expect(requests().filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('and another body is 409', async () => {
    await api.create(EXAMPLE_BODY, keyed('key-2'));
    const { status, body } = await api.create({ ...EXAMPLE_BODY, anonymous: 'no' }, keyed('key-2'));
    expect({ status, body }).toEqual({
      status: 409,
      body: error('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED'),
    });
  });

  test('of another customer is another key', async () => {
    const first = await created(EXAMPLE_BODY, keyed('key-3'));
    const other = await api.create(
      { ...EXAMPLE_BODY, anonymous: 'no' },
      keyed('key-3', { customerId: IDS.otherCustomer }),
    );
    expect(other).toMatchObject({ status: 200, body: { customer_id: IDS.otherCustomer } });
    expect(identified.parse(other.body).id).not.toBe(first.id);
  });

  test('sent many times at once dials once', async () => {
    const responses = await Promise.all(
      Array.from({ length: 6 }, () => api.create(EXAMPLE_BODY, keyed('key-4'))),
    );
    expect(requests().filter((request) => request === 'POST /v1/calls')).toHaveLength(1);
    for (const { status, headers, body } of responses) {
      if (status === 200) continue;
      expect({ status, body }).toEqual({
        status: 409,
        body: error('FAILED_PRECONDITION', 'REQUEST_IN_PROGRESS'),
      });
      expect(headers['Retry-After']).toBe('5');
    }
    expect(responses.some(({ status }) => status === 200)).toBe(true);
  });
});

describe('a get', () => {
  test('is one read', async () => {
    const { id } = await created();
    api.dynamodb.forget();
    expect((await api.get(id)).status).toBe(200);
    expect(api.dynamodb.operations).toEqual(['GetItem']);
  });

  test.each([
    ['unknown', UNKNOWN_ID, IDS.customer],
    ['nil', NIL_UUID, IDS.customer],
  ])('that is %s is 404', async (_what, id, customerId) => {
    const { status, body } = await api.get(id, { customerId });
    expect({ status, body }).toEqual({ status: 404, body: error('NOT_FOUND', 'PROVIDERCALL_NOT_FOUND') });
  });

  test('of another customer’s record, or of an intent, cannot be distinguished from one of an unknown id', async () => {
    const { id } = await created();
    await api.store.insertIntent({
      intent: sampleIntent({ id: UNKNOWN_ID.replace('404', '405') }),
      due: '2026-04-21 23:16:00.000000',
    });
    const unknown = await api.get(UNKNOWN_ID);
    expect(await api.get(id, { customerId: IDS.otherCustomer })).toEqual(unknown);
    expect(await api.get(UNKNOWN_ID.replace('404', '405'))).toEqual(unknown);
  });

  test('whose id is not a UUID is 400, and reads nothing', async () => {
    const { status, body } = await api.get('abc');
    expect({ status, body }).toEqual({
      status: 400,
      body: error('INVALID_ARGUMENT', 'INVALID_ID', {
        details: [{ field: 'id', message: expect.any(String) }],
      }),
    });
    expect(api.dynamodb.operations).toEqual([]);
  });
});

describe('a delete', () => {
  test('is one write, and sets tm_delete and tm_update', async () => {
    const { body } = await api.create(EXAMPLE_BODY);
    const { id } = identified.parse(body);
    api.dynamodb.forget();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 1) });
    const deleted = await api.delete(id);
    expect(deleted.status).toBe(200);
    expect(deleted.body).toEqual({
      ...EXAMPLE_RECORD,
      ...identified.parse(body),
      tm_update: '2030-01-01 00:00:00.000000',
      tm_delete: '2030-01-01 00:00:00.000000',
    });
    expect(api.dynamodb.operations).toEqual(['UpdateItem']);
    vi.setSystemTime(Date.UTC(2031, 0, 1));
    expect(await api.delete(id)).toEqual(deleted);
    expect(await api.get(id)).toEqual(deleted);
  });

  test('of another customer’s is 404 and changes nothing', async () => {
    const { body } = await api.create(EXAMPLE_BODY);
    const { id } = identified.parse(body);
    const rejection = await api.delete(id, { customerId: IDS.otherCustomer });
    expect(rejection).toEqual(await api.delete(UNKNOWN_ID));
    expect(rejection.status).toBe(404);
    expect((await api.get(id)).body).toEqual(body);
  });
});

describe('a list', () => {
  const customerId = '00000000-0000-4000-8000-0000000000c9';
  const otherId = '00000000-0000-4000-8000-0000000000c8';

  test('is one query, newest first, of the caller’s customer', async () => {
    for (const [index, owner] of [customerId, otherId, customerId].entries()) {
      const createdAt = `2026-04-21 23:15:0${index}.000000`;
      const intent = sampleIntent({
        callIds: [IDS.call],
        id: `0000000${index}-0000-4000-8000-000000000000`,
        customerId: owner,
        createdAt,
        updatedAt: createdAt,
      });
      await api.store.complete({ unsettled: intent, placed: intent, updatedAt: createdAt });
    }
    api.dynamodb.forget();
    const { status, headers, body } = await api.list(null, { customerId });
    expect(status).toBe(200);
    expect(headers).toEqual({ ...RESPONSE_HEADERS, 'X-Request-Id': 'gateway-request-1' });
    const listed = (index: number) => ({
      ...EXAMPLE_RECORD,
      groupcall_ids: [],
      id: `0000000${index}-0000-4000-8000-000000000000`,
      customer_id: customerId,
      tm_create: `2026-04-21 23:15:0${index}.000000`,
      tm_update: `2026-04-21 23:15:0${index}.000000`,
    });
    expect(body).toEqual({ result: [listed(2), listed(0)], next_page_token: '' });
    expect(api.dynamodb.operations).toEqual(['Query']);

    const first = await api.list({ page_size: ['1'] }, { customerId });
    expect(first.body).toEqual({ result: [listed(2)], next_page_token: '2026-04-21 23:15:02.000000' });
    const second = await api.list(
      { page_size: ['1'], page_token: ['2026-04-21 23:15:02.000000'] },
      { customerId },
    );
    expect(second.body).toEqual({ result: [listed(0)], next_page_token: '' });
  });

  test('returns nothing of another customer, whatever its page token or provider', async () => {
    const query = {
      page_token: ['2026-04-21 23:15:09.000000,ffffffff-ffff-4fff-8fff-ffffffffffff'],
      provider_id: [IDS.provider],
    };
    expect((await api.list(query, { customerId: '00000000-0000-4000-8000-0000000000c7' })).body).toEqual({
      result: [],
      next_page_token: '',
    });
  });

  test('names its unconfirmed records in a header', async () => {
    const intent = sampleIntent({
      id: '00000009-0000-4000-8000-000000000000',
      customerId: '00000000-0000-4000-8000-0000000000c6',
    });
    await api.store.insertIntent({ intent, due: '2026-04-21 23:16:00.000000' });
    await api.store.markUnconfirmed({ unsettled: intent, due: '2026-04-21 23:16:00.000000' });
    const { headers } = await api.list(null, { customerId: intent.customerId });
    expect(headers['X-ProviderCall-Unconfirmed']).toBe(intent.id);
  });
});

describe('unacceptable input causes no call, no row and no 5xx:', () => {
  const destination = { type: 'tel', target: '+821012345678' };
  const rejected: [string, Record<string, unknown>, string][] = [
    ['a malformed provider', { provider_id: 'telnyx' }, 'provider_id'],
    ['the nil provider', { provider_id: NIL_UUID }, 'provider_id'],
    ['no destinations', { destinations: [] }, 'destinations'],
    [
      'too many destinations',
      { destinations: Array.from({ length: 51 }, () => destination) },
      'destinations',
    ],
    [
      'a control character',
      { destinations: [{ type: 'tel', target: '+1\r\nX: y' }] },
      'destinations[0].target',
    ],
    ['a wrong type', { destinations: [{ type: 'tel', target: 1 }] }, 'destinations[0].target'],
    ['an action without a type', { actions: [{ option: {} }] }, 'actions[0].type'],
    ['an unknown field', { metadata: {} }, 'metadata'],
    ['a customer', { customer_id: IDS.otherCustomer }, 'customer_id'],
  ];

  test.each(rejected)('%s', async (_what, changes, field) => {
    const { status, body } = await api.create({ ...EXAMPLE_BODY, ...changes });
    expect({ status, body }).toEqual({
      status: 400,
      body: error('INVALID_ARGUMENT', 'INVALID_ARGUMENT', {
        details: [{ field, message: expect.any(String) }],
      }),
    });
    expect(api.dynamodb.operations).toEqual([]);
    expect(requests()).toEqual([]);
  });

  test('any body', async () => {
    const nearly = fc
      .record(
        {
          provider_id: fc.oneof(fc.constant(IDS.provider), fc.jsonValue()),
          flow_id: fc.jsonValue(),
          actions: fc.oneof(
            fc.array(fc.record({ type: fc.string(), option: fc.jsonValue() })),
            fc.jsonValue(),
          ),
          source: fc.jsonValue(),
          destinations: fc.oneof(
            fc.array(fc.record({ type: fc.constantFrom('tel', 'fax'), target: fc.jsonValue() })),
            fc.jsonValue(),
          ),
          anonymous: fc.oneof(fc.constantFrom('yes', 'no'), fc.jsonValue()),
          metadata: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((body) => JSON.stringify(body));
    const bodies = fc.oneof(nearly, fc.json(), fc.string({ unit: 'binary', maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(bodies, async (text) => {
        api.dynamodb.forget();
        api.backend.forget();
        const { status } = await api.create(undefined, { text });
        if (status === 200) return;
        expect(status).toBe(400);
        expect(api.dynamodb.operations).toEqual([]);
        expect(requests()).toEqual([]);
      }),
      { seed: 9863, numRuns: 150 },
    );
  });

  test('any query, headers and id', async () => {
    const names = fc.oneof(
      fc.constantFrom('page_size', 'page_token', 'provider_id', '__proto__', 'toString'),
      fc.string(),
    );
    const values = fc.array(
      fc.oneof(
        fc.constantFrom('10', '', IDS.provider, '2026-04-21 23:15:00.000000'),
        fc.string({ unit: 'binary' }),
      ),
      { minLength: 1, maxLength: 2 },
    );
    const multi = fc.dictionary(names, values, { maxKeys: 4 });
    const headers = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'Content-Type',
          'content-type',
          'X-Request-Id',
          'Idempotency-Key',
          'Origin',
          '__proto__',
        ),
        fc.string(),
      ),
      values,
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(multi, headers, fc.string({ unit: 'binary' }), async (query, sentHeaders, id) => {
        const statuses = [
          (await api.list(query, { headers: sentHeaders })).status,
          (await api.get(id, { headers: sentHeaders, query })).status,
          (await api.delete(id, { headers: sentHeaders, query })).status,
          (await api.create(undefined, { headers: sentHeaders, text: null })).status,
        ];
        expect(statuses.filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
        expect(requests()).toEqual([]);
      }),
      { seed: 8804, numRuns: 40 },
    );
  });
});

describe('an internal error', () => {
  test('is a 500 in the envelope when the event is not API Gateway’s', async () => {
    const { status, headers, body } = await api.send('get', { Records: [] });
    expect(status).toBe(500);
    expect(headers['X-Request-Id']).toBe('invocation-1');
    expect(body).toMatchObject({
      error: { status: 'INTERNAL', reason: 'INTERNAL', request_id: 'invocation-1' },
    });
  });

  test('is a 500 that reveals nothing about an item of another shape', async () => {
    const { PutCommand } = await import('@aws-sdk/lib-dynamodb');
    await api.dynamodb.documents.send(
      new PutCommand({ TableName: api.table, Item: { id: UNKNOWN_ID, customer_id: 'secret' } }),
    );
    const { status, body } = await api.get(UNKNOWN_ID);
    expect({ status, body }).toEqual({ status: 500, body: error('INTERNAL', 'INTERNAL') });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(parseLine(output[0] ?? '')).toMatchObject({
      level: 'error',
      status: 500,
      reason: 'INTERNAL',
      ServerErrors: 1,
    });
  });
});
