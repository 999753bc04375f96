import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../contract/openapi-document.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import { errorOf } from './error-of.ts';
import { CUSTOMERS, type JourneySystem } from './journey-system.ts';
import { storedIntent, storedUnconfirmed } from './stored-record.ts';

const { providers, flow } = SEED_IDS;
const TEL = { type: 'tel', target: '+821012345678' } as const;
const order = { provider_id: providers.answers, destinations: [TEL] };

/** Each verb of the API: its response, and what it leaves behind. */
export function providerCallsApi(system: () => JourneySystem): void {
  describe('POST /providercalls', () => {
    test('creates a Call for each tel and sip, a Groupcall for each agent and extension, and returns addresses verbatim', async () => {
      const client = await system().clientOf();
      const destinations = [
        { type: 'tel', target: '+82 10-1234-5678', target_name: '  Ана "A" <x> 电话  ' },
        { type: 'sip', target: 'alice@phone.example.com', target_name: '' },
        { type: 'agent', target: SEED_IDS.agent, target_name: '' },
        { type: 'extension', target: '1001', target_name: '' },
      ] as const;
      const source = { type: 'tel', target: '+14155551234', target_name: 'Provider check' } as const;
      const { record } = await client.createProviderCall({
        ...order,
        source,
        destinations: [...destinations],
      });
      expect(record).toMatchObject({ source, destinations, anonymous: 'auto', flow_id: NIL_UUID });
      expect(record.call_ids).toHaveLength(2);
      expect(record.groupcall_ids).toHaveLength(2);
      const { calls } = system();
      for (const [index, id] of record.call_ids.entries()) {
        const placed = await calls.get(id);
        expect(placed?.call).toMatchObject({ source, destination: destinations[index] });
      }
      for (const id of record.groupcall_ids) {
        const { data } = await client.api.GET('/groupcalls/{id}', { params: { path: { id } } });
        expect(data).toMatchObject({ id, customer_id: SEED_IDS.customer, source });
      }
    });

    test('attaches the flow that is named, and then ignores actions', async () => {
      const client = await system().clientOf();
      const before = await system().idsOf('flows', SEED_IDS.customer);
      const { record } = await client.createProviderCall({
        ...order,
        flow_id: flow,
        actions: [{ type: 'hangup' }],
      });
      expect(record.flow_id).toBe(flow);
      expect((await client.getCall(record.call_ids[0] ?? '')).flow_id).toBe(flow);
      expect(await system().idsOf('flows', SEED_IDS.customer)).toEqual(before);
    });

    test.each(['yes', 'no', 'auto', ''] as const)(
      'accepts %j for anonymous and keeps it',
      async (anonymous) => {
        const client = await system().clientOf(randomUUID());
        const source = { type: 'tel', target: '+14155551234' } as const;
        const { record } = await client.createProviderCall({ ...order, source, anonymous });
        expect((await client.getProviderCall(record.id)).record).toEqual({ ...record, anonymous });
      },
    );

    test('accepts a provider whose row says "never deleted" in the old form', async () => {
      const client = await system().clientOf();
      const { record } = await client.createProviderCall({ ...order, provider_id: providers.busy });
      expect(record.provider_id).toBe(providers.busy);
    });
  });

  describe('a create is rejected by the platform for', () => {
    const rejections: [what: string, customerId: string, change: object, expected: object][] = [
      [
        'a provider that is not there',
        SEED_IDS.customer,
        { provider_id: '4dbeabd6-0000-4000-8000-000000000404' },
        { httpStatus: 400, reason: 'PROVIDER_NOT_FOUND' },
      ],
      [
        'a provider that was deleted',
        SEED_IDS.customer,
        { provider_id: providers.deleted },
        { httpStatus: 400, reason: 'PROVIDER_NOT_FOUND' },
      ],
      [
        'a flow that is not there',
        SEED_IDS.customer,
        { flow_id: 'f0000000-0000-4000-8000-000000000404' },
        { httpStatus: 400, reason: 'FLOW_NOT_FOUND' },
      ],
      [
        "another customer's flow",
        CUSTOMERS.stranger,
        { flow_id: flow },
        { httpStatus: 400, reason: 'FLOW_NOT_FOUND' },
      ],
      [
        'a balance that does not suffice',
        CUSTOMERS.withoutBalance,
        {},
        { httpStatus: 402, reason: 'INSUFFICIENT_BALANCE' },
      ],
      [
        'a balance that does not suffice, with inline actions',
        CUSTOMERS.withoutBalance,
        { actions: [{ type: 'answer' }] },
        { httpStatus: 402, reason: 'INSUFFICIENT_BALANCE' },
      ],
      [
        'more calls than the customer may place',
        CUSTOMERS.oneCallAnHour,
        { destinations: [TEL, TEL] },
        { httpStatus: 429, reason: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: expect.any(Number) },
      ],
    ];
    test.each(rejections)(
      '%s, and nothing is left behind',
      async (_, customerId, change, expected) => {
        const client = await system().clientOf(customerId);
        const before = await system().footprint();
        const listed = await client.listProviderCalls();
        expect(await errorOf(client.createProviderCall({ ...order, ...change }))).toMatchObject(expected);
        expect(await system().footprint()).toEqual(before);
        expect(await client.listProviderCalls()).toEqual(listed);
      },
      30_000,
    );
  });

  describe('GET, DELETE /providercalls/{id}', () => {
    test('a record is read until and after its deletion, which happens once', async () => {
      const client = await system().clientOf(randomUUID());
      const { record } = await client.createProviderCall(order);
      expect((await client.getProviderCall(record.id)).record).toEqual(record);
      expect((await client.listProviderCalls()).result).toEqual([record]);

      const { record: deleted } = await client.deleteProviderCall(record.id);
      expect(deleted).toEqual({ ...record, tm_update: deleted.tm_delete, tm_delete: expect.any(String) });
      expect((await client.deleteProviderCall(record.id)).record).toEqual(deleted);
      expect((await client.getProviderCall(record.id)).record).toEqual(deleted);
      expect((await client.listProviderCalls()).result).toEqual([]);
      expect((await client.listProviderCalls({ providerId: providers.answers })).result).toEqual([]);
      expect((await client.getCall(record.call_ids[0] ?? '')).status).not.toBe('hangup');
    });

    test('a deletion that races others keeps the first time', async () => {
      const client = await system().clientOf(randomUUID());
      const { record } = await client.createProviderCall(order);
      const responses = await Promise.all(
        Array.from({ length: 6 }, () => client.deleteProviderCall(record.id)),
      );
      expect(new Set(responses.map(({ record }) => record.tm_delete)).size).toBe(1);
    });

    test('an id in capitals is the same id', async () => {
      const client = await system().clientOf();
      const { record } = await client.createProviderCall(order);
      expect((await client.getProviderCall(record.id.toUpperCase())).record).toEqual(record);
    });

    test('an unknown id, the nil UUID and an intent are not found', async () => {
      const client = await system().clientOf();
      const intent = storedIntent();
      await system().insert(intent);
      for (const id of [randomUUID(), NIL_UUID, intent.id]) {
        for (const request of [client.getProviderCall, client.deleteProviderCall]) {
          expect(await errorOf(request(id))).toMatchObject({
            httpStatus: 404,
            reason: 'PROVIDERCALL_NOT_FOUND',
          });
        }
      }
    });

    test('an unconfirmed record is marked as such, alone and in lists', async () => {
      const customerId = randomUUID();
      const client = await system().clientOf(customerId);
      const stored = storedUnconfirmed({ customerId });
      await system().insert(stored);
      const unconfirmed = await client.getProviderCall(stored.id);
      expect(unconfirmed).toMatchObject({ unconfirmed: true, record: { call_ids: [], groupcall_ids: [] } });
      const { data, response } = await client.api.GET('/providercalls');
      expect(data?.result).toEqual([unconfirmed.record]);
      expect(response.headers.get('X-ProviderCall-Unconfirmed')).toBe(stored.id);
      expect(await client.deleteProviderCall(stored.id)).toMatchObject({ unconfirmed: true });
    });
  });

  describe('both prefixes', () => {
    const operations = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
    );
    test.each(operations)(
      '%s %s is served below /v1.0 and /v1, by the authorizer first',
      async (method, path) => {
        const { send, token } = system();
        const target = path.replace('{id}', 'no-uuid');
        for (const prefix of ['/v1.0', '/v1']) {
          expect((await send({ method, path: `${prefix}${target}` })).status).toBe(401);
          const { status, text } = await send({
            method,
            path: `${prefix}${target}`,
            headers: { Authorization: `Bearer ${token}` },
          });
          // A list needs no input; the others are rejected by the function that reads the id or the body, so there is a route.
          expect(status).toBe(method === 'GET' && !path.includes('{id}') ? 200 : 400);
          expect(text).not.toContain('ROUTE_NOT_FOUND');
        }
      },
    );
  });

  describe('X-Request-Id', () => {
    const idOf = async (sent?: Record<string, string>) => {
      const { send, token } = system();
      const headers = { Authorization: `Bearer ${token}`, ...sent };
      return (await send({ path: '/v1.0/providercalls?page_size=1', headers })).headers.get('X-Request-Id');
    };
    test("X-Request-Id is the client's own if its form is valid", async () => {
      expect(await idOf({ 'X-Request-Id': 'mine_1-2' })).toBe('mine_1-2');
      expect(await idOf({ 'X-Request-Id': 'x'.repeat(64) })).toBe('x'.repeat(64));
    });
    test('X-Request-Id is a new one otherwise', async () => {
      for (const sent of [undefined, { 'X-Request-Id': 'x'.repeat(65) }, { 'X-Request-Id': 'a b' }]) {
        expect(await idOf(sent)).toMatch(/^[0-9a-f-]{36}$/);
      }
    });
    test('X-Request-Id is also in the error', async () => {
      const { send } = system();
      const { headers, text } = await send({ path: '/v1.0/nowhere' });
      expect(JSON.parse(text).error.request_id).toBe(headers.get('X-Request-Id'));
    });
  });
}
