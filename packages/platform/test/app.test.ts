import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf } from './http-client.ts';
import { type PlatformInMemory, startPlatformInMemory } from './platform-in-memory.ts';
import { callsBody } from './platform-under-test.ts';

let platform: PlatformInMemory;

beforeEach(async () => {
  platform = await startPlatformInMemory();
});

describe('a request is rejected in the envelope and places nothing', () => {
  test.each([
    ['without JSON', { text: '{' }, 400, 'INVALID_JSON_BODY'],
    ['without a body', { text: '' }, 400, 'INVALID_JSON_BODY'],
    ['of another content type', { headers: { 'Content-Type': 'text/plain' } }, 400, 'INVALID_JSON_BODY'],
    ['with a body that is too large', { text: `"${'x'.repeat(1024 * 1024)}"` }, 413, 'REQUEST_TOO_LARGE'],
    [
      'with a key that is too long',
      { headers: { 'Idempotency-Key': 'k'.repeat(256) } },
      400,
      'INVALID_ARGUMENT',
    ],
  ])('%s', async (_, options, http, reason) => {
    const response = await platform.http.post('/v1/calls', callsBody(), options);
    expect(errorOf(response)).toEqual({ http, status: 'INVALID_ARGUMENT', reason });
    expect((await platform.http.get('/v1/calls')).body).toEqual({ result: [], next_page_token: '' });
  });
});

test.each([
  ['GET', '/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
  ['DELETE', '/v1/calls', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/v1/calls/x/sip-trace', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/v1/calls/x', 400, 'INVALID_ID'],
  ['GET', '/v1/timelines/calls/x/sip-analysis', 400, 'INVALID_ID'],
  ['GET', '/v1/calls?page_size=abc', 400, 'INVALID_ARGUMENT'],
  ['GET', '/v1/calls?page_token=abc', 400, 'INVALID_ARGUMENT'],
  ['GET', '/v1/calls?customer_id=abc', 400, 'INVALID_ARGUMENT'],
] as const)('%s %s returns %i', async (method, path, http, reason) => {
  const { get, delete: remove } = platform.http;
  expect(errorOf(await { GET: get, DELETE: remove }[method](path))).toMatchObject({ http, reason });
});

test.each<[string, unknown, string, string]>([
  ['no host', {}, 'hostname', 'must be a host name or an IP address, with or without a port'],
  [
    'an invalid host',
    { hostname: 'not a host' },
    'hostname',
    'is not a host name or an IP address, with or without a port',
  ],
  [
    'an unknown field',
    { hostname: 'a.example', techPrefix: '1' },
    'techPrefix',
    'is not a field that can be set',
  ],
  [
    'a header that is not text',
    { hostname: 'a.example', tech_headers: { X: 1 } },
    'tech_headers.X',
    'must be of type string',
  ],
])('a provider with %s is rejected by the name of the field', async (_, body, field, message) => {
  const response = await platform.http.post('/v1/providers', body);
  expect(response.body).toMatchObject({
    error: {
      reason: 'INVALID_ARGUMENT',
      message: `The request is not acceptable: ${field} ${message}.`,
      details: [{ field, message }],
    },
  });
});

test('an error has the whole envelope, and details only when there are some', async () => {
  const { body } = await platform.http.get('/v1/calls/x', { headers: { 'X-Request-Id': 'mine-1' } });
  expect(body).toEqual({
    error: {
      status: 'INVALID_ARGUMENT',
      reason: 'INVALID_ID',
      message: expect.any(String),
      request_id: 'mine-1',
      details: [{ field: 'id', message: 'is not a UUID' }],
    },
  });
  expect((await platform.http.get('/v1/nothing', { headers: { 'X-Request-Id': 'mine-2' } })).body).toEqual({
    error: {
      status: 'NOT_FOUND',
      reason: 'ROUTE_NOT_FOUND',
      message: 'There is no such path or method.',
      request_id: 'mine-2',
    },
  });
});

test('an unexpected error is INTERNAL for the client, and reported with the request id', async () => {
  const reported: unknown[] = [];
  const failing = await startPlatformInMemory({
    onError: (...report) => reported.push(report),
    store: {
      collection: (kind) => ({
        ...platform.store.collection(kind),
        get: async () => {
          throw new Error('secret detail');
        },
      }),
    },
  });
  const id = '11111111-1111-4111-8111-111111111111';
  const response = await failing.http.get(`/v1/flows/${id}`, { headers: { 'X-Request-Id': 'mine-1' } });
  expect(errorOf(response)).toEqual({ http: 500, status: 'INTERNAL', reason: 'INTERNAL' });
  expect(JSON.stringify(response.body)).not.toContain('secret');
  expect(reported).toEqual([[new Error('secret detail'), 'mine-1']]);
});

test('a request id is forwarded and returned, in errors too', async () => {
  const headers = { 'X-Request-Id': 'mine-1' };
  const good = await platform.http.get('/v1/flows', { headers });
  const bad = await platform.http.get('/v1/flows/x', { headers });
  expect([good, bad].map((response) => response.headers.get('x-request-id'))).toEqual(['mine-1', 'mine-1']);
  const other = await platform.http.get('/v1/flows', { headers: { 'X-Request-Id': 'not an id' } });
  expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a provider is checked after it is created and after it is changed', async () => {
  const checked: string[] = [];
  const { http } = await startPlatformInMemory({ checkHealth: (id) => checked.push(id) });
  const { body } = await http.post('/v1/providers', { hostname: 'a.example' });
  const id = String(Object(body).id);
  await http.put(`/v1/providers/${id}`, { name: 'A' });
  await http.get(`/v1/providers/${id}`);
  await http.put(`/v1/providers/${id}`, { hostname: 'not a host' });
  expect(checked).toEqual([id, id]);
});
