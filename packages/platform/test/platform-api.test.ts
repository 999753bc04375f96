import { once } from 'node:events';
import { createServer } from 'node:http';
import { pcapOf } from '@provider-call/evidence';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { callSchema } from '../src/records/call.ts';
import { sipAnalysisSchema } from '../src/records/timeline.ts';
import { SEED_IDS } from '../src/seed.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { address, callsBody, type PlatformUnderTest, startTestPlatform } from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
let platform: PlatformUnderTest;

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'platform-api',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:platform-api',
  memoryLimitInMB: '512',
  awsRequestId: 'lambda-request',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 10_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

type Sent = {
  id?: string;
  query?: Record<string, string[]>;
  headers?: Record<string, string[]>;
  body?: unknown;
  customerId?: string;
};

/** The handler as it starts up with a backend at `url`. */
async function startHandler(url: string) {
  for (const name of ['ROUTE', 'FLOW', 'CALL']) vi.stubEnv(`${name}_BACKEND_URL`, url);
  vi.stubEnv('BACKEND_AUTH', 'none');
  vi.stubEnv('STAGE', 'local');
  vi.resetModules();
  const { handler } = await import('../src/platform-api.ts');
  return async (route: string, sent: Sent = {}) => {
    const [httpMethod, resource] = route.split(' ');
    const { statusCode, headers, body, isBase64Encoded } = await handler(
      {
        resource,
        httpMethod,
        pathParameters: sent.id === undefined ? null : { id: sent.id },
        multiValueHeaders: { 'Content-Type': ['application/json'], ...sent.headers },
        multiValueQueryStringParameters: sent.query ?? null,
        body: sent.body === undefined ? null : JSON.stringify(sent.body),
        isBase64Encoded: false,
        requestContext: {
          requestId: 'gateway-request',
          authorizer: {
            customer_id: sent.customerId ?? SEED_IDS.customer,
            actor_type: 'agent',
            actor_id: SEED_IDS.agent,
          },
        },
      },
      context,
    );
    return { status: statusCode, headers, body, isBase64Encoded };
  };
}

let request: Awaited<ReturnType<typeof startHandler>>;

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockReturnValue();
  platform = await startTestPlatform(dynamodb);
  request = await startHandler(platform.url);
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await platform.close();
});

async function placeOne() {
  const { body } = await platform.http.post(
    '/v1/calls',
    callsBody({ destinations: [address('tel', '+821012345678'), address('extension', '1001')] }),
  );
  const placed = z.parse(
    z.object({ calls: z.array(callSchema), groupcalls: z.array(z.object({ id: z.string() })) }),
    body,
  );
  return { call: placed.calls[0]?.id ?? '', groupcall: placed.groupcalls[0]?.id ?? '' };
}

const OTHER_CUSTOMER = '11111111-1111-4111-8111-111111111111';

describe.each(['/v1.0', '/v1'])('%s', (prefix) => {
  test.each([
    ['providers', SEED_IDS.providers.answers],
    ['flows', SEED_IDS.flow],
  ])('the function lists %s and returns one', async (collection, id) => {
    const list = await request(`GET ${prefix}/${collection}`);
    const ids = z.parse(
      z.object({ result: z.array(z.object({ id: z.string() })) }),
      JSON.parse(list.body),
    ).result;
    expect(ids.map((one) => one.id)).toContain(id);
    const one = await request(`GET ${prefix}/${collection}/{id}`, { id });
    expect([one.status, JSON.parse(one.body)]).toEqual([
      200,
      (await platform.http.get(`/v1/${collection}/${id}`)).body,
    ]);
  });

  test('the function returns a call, its timeline and its groupcall, and hangs up', async () => {
    const { call, groupcall } = await placeOne();
    expect(JSON.parse((await request(`GET ${prefix}/calls/{id}`, { id: call })).body)).toMatchObject({
      id: call,
      status: 'dialing',
    });
    expect(
      JSON.parse((await request(`GET ${prefix}/groupcalls/{id}`, { id: groupcall })).body),
    ).toMatchObject({
      id: groupcall,
    });
    platform.clock.advanceTo(platform.clock.now() + 1000);
    const timeline = `GET ${prefix}/timelines/calls/{id}`;
    const analysis = await request(`${timeline}/sip-analysis`, { id: call });
    const { sip_messages } = z.parse(sipAnalysisSchema, JSON.parse(analysis.body));
    expect(sip_messages.map(({ method }) => method)).toEqual(['INVITE', '100', '180']);
    const pcap = await request(`${timeline}/pcap`, { id: call });
    expect([pcap.status, pcap.headers['Content-Type'], pcap.isBase64Encoded]).toEqual([
      200,
      'application/octet-stream',
      true,
    ]);
    expect(Buffer.from(pcap.body, 'base64')).toEqual(Buffer.from(pcapOf(sip_messages)));
    const page = await request(`${timeline}/events`, { id: call, query: { page_size: ['1'] } });
    expect(JSON.parse(page.body)).toMatchObject({
      result: [{ event_type: 'call_ringing', data: { id: call } }],
      next_page_token: expect.stringMatching(/^2026-04-21 23:15:0/),
    });
    const hungUp = await request(`POST ${prefix}/calls/{id}/hangup`, { id: call });
    expect([hungUp.status, JSON.parse(hungUp.body).status]).toEqual([200, 'canceling']);
  });
});

test('a provider is created, changed and deleted', async () => {
  const created = await request('POST /v1.0/providers', { body: { hostname: 'sip.example.com' } });
  const { id } = z.parse(z.object({ id: z.string() }), JSON.parse(created.body));
  const updated = await request('PUT /v1.0/providers/{id}', { id, body: { tech_prefix: '9' } });
  const deleted = await request('DELETE /v1.0/providers/{id}', { id });
  expect(JSON.parse(updated.body)).toMatchObject({ id, tech_prefix: '9', tm_delete: null });
  expect(JSON.parse(deleted.body)).toMatchObject({ id, tm_delete: expect.any(String) });
});

test("another customer's call is not found, whatever customer the query names", async () => {
  const { call } = await placeOne();
  const query = { customer_id: [SEED_IDS.customer] };
  const response = await request('GET /v1.0/calls/{id}', { id: call, query, customerId: OTHER_CUSTOMER });
  expect([response.status, JSON.parse(response.body).error.reason]).toEqual([404, 'CALL_NOT_FOUND']);
});

test.each([
  ['an id that is not a UUID', 'GET /v1.0/calls/{id}', { id: 'x' }, 'INVALID_ID'],
  [
    'a page size that is not a number',
    'GET /v1.0/flows',
    { query: { page_size: ['abc'] } },
    'INVALID_ARGUMENT',
  ],
  ['an unknown field', 'POST /v1.0/providers', { body: { hostname: 'a.example', x: 1 } }, 'INVALID_ARGUMENT'],
])('%s is rejected', async (_, route, sent, reason) => {
  const response = await request(route, sent);
  expect([response.status, JSON.parse(response.body).error.reason]).toEqual([400, reason]);
});

test('the request id is forwarded to the backend and returned', async () => {
  const response = await request('GET /v1.0/calls/{id}', {
    id: OTHER_CUSTOMER,
    headers: { 'X-Request-Id': ['mine-1'] },
  });
  expect([response.headers['X-Request-Id'], JSON.parse(response.body).error.request_id]).toEqual([
    'mine-1',
    'mine-1',
  ]);
});

describe('a backend', () => {
  const behind = async (status: number, headers: Record<string, string> = {}) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, headers).end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const response = await (await startHandler(`http://127.0.0.1:${port}`))('GET /v1.0/providers');
    server.close();
    server.closeAllConnections();
    return { port, response };
  };

  test('that asks to wait has its Retry-After returned', async () => {
    const { response } = await behind(429, { 'Retry-After': '7' });
    expect([response.status, response.headers['Retry-After']]).toEqual([429, '7']);
  });

  test('that does not know us is unavailable to the caller', async () => {
    const { response } = await behind(401);
    expect([response.status, JSON.parse(response.body).error.reason]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });

  test('that is gone is unavailable to the caller', async () => {
    const { port } = await behind(200);
    const response = await (await startHandler(`http://127.0.0.1:${port}`))('GET /v1.0/providers');
    expect([response.status, JSON.parse(response.body).error.reason]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});
