import { expect, test, vi } from 'vitest';
import { createPlatformClient, UnexpectedResponseError } from '../src/index.ts';
import { apiError, json, type Reply, scriptedFetch } from './scripted-fetch.ts';

const BASE_URL = 'https://platform.example.com/v1.0';

function clientOf(...replies: Reply[]) {
  const { fetch, requests } = scriptedFetch(...replies);
  return { client: createPlatformClient({ baseUrl: BASE_URL, token: 't', fetch, maxRetries: 0 }), requests };
}

const PROVIDER = { id: 'p-1', name: 'One' };
const CALL = { id: 'c-1', status: 'ringing' };
function page(...result: object[]) {
  return { result, next_page_token: '' };
}

test.each([
  [
    'GET /providers?page_size=5&page_token=t',
    'listProviders',
    [{ pageSize: 5, pageToken: 't' }],
    page(PROVIDER),
  ],
  ['GET /providers/p-1', 'getProvider', ['p-1'], PROVIDER],
  [
    'POST /providers {"type":"sip","hostname":"sip.example.com"}',
    'createProvider',
    [{ hostname: 'sip.example.com' }],
    PROVIDER,
  ],
  ['DELETE /providers/p-1', 'deleteProvider', ['p-1'], PROVIDER],
  ['GET /flows', 'listFlows', [], page({ id: 'f-1' })],
  ['GET /flows/f%2F1', 'getFlow', ['f/1'], { id: 'f/1' }],
  ['GET /calls', 'listCalls', [], page(CALL)],
  ['GET /calls/c-1', 'getCall', ['c-1'], CALL],
  ['GET /calls/%EF%BF%BD', 'getCall', ['\udfff'], CALL],
  ['POST /calls/c-1/hangup', 'hangUp', ['c-1'], CALL],
  ['GET /groupcalls/g-1', 'getGroupcall', ['g-1'], { id: 'g-1' }],
  ['GET /timelines/calls/c-1/sip-analysis', 'getSipAnalysis', ['c-1'], { sip_messages: [] }],
  ['GET /timelines/calls/c-1/pcap', 'getPcap', ['c-1'], { longer: 'than the header of a capture' }],
  ['GET /timelines/calls/c-1/events', 'listTimelineEvents', ['c-1'], page({ event_type: 'call_created' })],
] as const)('%s is what %s sends', async (expected, method, input, body) => {
  const { client, requests } = clientOf(json(body));
  const invoke = client[method] as (...input: readonly unknown[]) => Promise<unknown>;
  expect(await invoke(...input)).toBeDefined();
  const [request] = requests;
  const sent = await request?.text();
  expect(`${request?.method} ${request?.url.slice(BASE_URL.length)}${sent === '' ? '' : ` ${sent}`}`).toBe(
    expected,
  );
});

test.each([
  ['the settings that it changes', { name: 'Two', tech_headers: { 'X-Route': '7' } }],
  ['credentials, which no response contains', { auth_username: 'me', auth_password: 'secret' }],
])('an update sends all current settings together with %s', async (_, changes) => {
  const settings = {
    hostname: 'sip.example.com:5080',
    tech_prefix: '9',
    tech_postfix: '#',
    tech_headers: { 'X-Carrier': '1' },
    codecs: 'PCMU,PCMA',
    name: 'One',
    detail: 'The first.',
  };
  const { client, requests } = clientOf(
    json({ id: 'p-1', type: 'sip', metadata: { a: 1 }, health_status: 'healthy', ...settings }),
    json({ id: 'p-1', ...settings, ...changes }),
  );
  expect(await client.updateProvider('p-1', changes)).toMatchObject({
    id: 'p-1',
    hostname: settings.hostname,
  });
  expect(requests.map(({ method, url }) => `${method} ${url.slice(BASE_URL.length)}`)).toEqual([
    'GET /providers/p-1',
    'PUT /providers/p-1',
  ]);
  expect(await requests[1]?.json()).toEqual({ type: 'sip', ...settings, ...changes });
});

test('a provider that cannot be read is not updated', async () => {
  const { client, requests } = clientOf(apiError(404, 'PROVIDER_NOT_FOUND'));
  await expect(client.updateProvider('p-1', { name: 'Two' })).rejects.toMatchObject({ httpStatus: 404 });
  expect(requests).toHaveLength(1);
});

test.each([
  ['a rate limit', apiError(429, 'RATE_LIMIT_EXCEEDED', { 'Retry-After': '0' })],
  ['a lost connection', new TypeError('lost')],
])('hanging up is repeated after %s', async (_, reply) => {
  const { fetch, requests } = scriptedFetch(reply, json({ ...CALL, status: 'canceling' }));
  const client = createPlatformClient({ baseUrl: BASE_URL, token: 't', fetch });
  vi.useFakeTimers();
  const hangingUp = client.hangUp('c-1');
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect((await hangingUp).status).toBe('canceling');
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
});

test('what the platform omits is filled in', async () => {
  const { client } = clientOf(json({ id: 'p-1', tm_delete: '9999-01-01 00:00:00.000000' }));
  expect(await client.getProvider('p-1')).toEqual({
    id: 'p-1',
    type: 'sip',
    hostname: '',
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: '',
    name: '',
    detail: '',
    metadata: {},
    health_status: 'unknown',
    health_checked_at: null,
    health_detail: '',
    tm_create: null,
    tm_update: null,
    tm_delete: null,
  });
});

test('a page without a token is the last one', async () => {
  const { client } = clientOf(json({ result: [{ id: 'p-1' }] }));
  expect((await client.listProviders()).next_page_token).toBe('');
});

test.each([
  ['providers', 'allProviders'],
  ['calls', 'allCalls'],
] as const)('all %s are requested page by page, and a repeated token ends the list', async (path, method) => {
  const { client, requests } = clientOf(
    json({ result: [{ id: '1' }], next_page_token: 'x' }),
    json({ result: [{ id: '2' }], next_page_token: 'x' }),
  );
  const ids: string[] = [];
  for await (const { id } of client[method]()) ids.push(id);
  expect(ids).toEqual(['1', '2']);
  expect(requests.map(({ url }) => url)).toEqual([`${BASE_URL}/${path}`, `${BASE_URL}/${path}?page_token=x`]);
});

test.each([
  ['the platform captured nothing', apiError(404, 'CALL_NOT_FOUND')],
  ['the platform has no such endpoint', new Response('404 page not found', { status: 404 })],
])('there are no messages when %s', async (_, reply) => {
  expect(await clientOf(reply.clone()).client.getSipAnalysis('c-1')).toBeUndefined();
  expect(await clientOf(reply.clone()).client.getPcap('c-1')).toBeUndefined();
});

test('any other error of the timelines is reported', async () => {
  const { client } = clientOf(apiError(403, 'PERMISSION_DENIED'));
  await expect(client.getSipAnalysis('c-1')).rejects.toMatchObject({ reason: 'PERMISSION_DENIED' });
});

test('a capture is returned byte by byte', async () => {
  const bytes = new Uint8Array(25).fill(0xd4);
  const { client } = clientOf(new Response(bytes));
  expect(await client.getPcap('c-1')).toEqual(bytes);
});

test.each([
  ['an empty body', 0],
  ['a header without packets', 24],
])('a capture of %s means that nothing was captured', async (_, length) => {
  const { client } = clientOf(new Response(new Uint8Array(length)));
  expect(await client.getPcap('c-1')).toBeUndefined();
});

test.each([
  ['null', null],
  ['a list', []],
  ['a resource without an id', { name: 'One' }],
  ['a list with null in it', { result: [null] }],
])('a success whose body is %s is rejected', async (_, body) => {
  const { client } = clientOf(json(body), json(body));
  await expect(client.getProvider('p-1')).rejects.toBeInstanceOf(UnexpectedResponseError);
  await expect(client.listProviders()).rejects.toBeInstanceOf(UnexpectedResponseError);
});
