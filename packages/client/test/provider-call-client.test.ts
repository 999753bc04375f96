import { expect, test } from 'vitest';
import { PROVIDER_CALL_EXAMPLE } from '../../../contract/examples.ts';
import { createProviderCallClient, UnexpectedResponseError } from '../src/index.ts';
import { json, type Reply, scriptedFetch } from './scripted-fetch.ts';

const BASE_URL = 'https://api.example.com/v1.0';
const REQUEST = {
  provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  destinations: [{ type: 'tel' as const, target: '+821012345678' }],
};

function clientOf(...replies: Reply[]) {
  const { fetch, requests } = scriptedFetch(...replies);
  return {
    client: createProviderCallClient({ baseUrl: BASE_URL, token: 't', fetch, maxRetries: 0 }),
    requests,
  };
}

test('create sends the request with its key and returns what body and headers say', async () => {
  const { client, requests } = clientOf(
    json(PROVIDER_CALL_EXAMPLE, {
      'X-Request-Id': 'r-2',
      'Idempotent-Replayed': 'true',
      'X-ProviderCall-State': 'unconfirmed',
      'X-ProviderCall-Created-By': 'agent:1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
      'X-ProviderCall-Deleted-By': 'accesskey:a0000000-0000-4000-8000-000000000001',
      'X-ProviderCall-Request-Id': 'r-1',
      'X-ProviderCall-Candidates': 'c-1, c-2',
    }),
  );
  expect(await client.createProviderCall(REQUEST, { idempotencyKey: 'once' })).toEqual({
    record: PROVIDER_CALL_EXAMPLE,
    unconfirmed: true,
    replayed: true,
    requestId: 'r-2',
    createdBy: 'agent:1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
    deletedBy: 'accesskey:a0000000-0000-4000-8000-000000000001',
    createdByRequestId: 'r-1',
    candidates: ['c-1', 'c-2'],
  });
  expect(requests[0]?.method).toBe('POST');
  expect(requests[0]?.url).toBe(`${BASE_URL}/providercalls`);
  expect(requests[0]?.headers.get('Idempotency-Key')).toBe('once');
  expect(await requests[0]?.json()).toEqual(REQUEST);
});

test.each([
  ['an empty key', ''],
  ['a key of a blank', ' '],
  ['a key with a blank', 'a b'],
  ['a key with a line break', 'a\n'],
  ['a key with a typographic dash', 'order–1'],
  ['a key of 256 characters', 'k'.repeat(256)],
])('nothing is sent with %s', async (_, idempotencyKey) => {
  const { client, requests } = clientOf();
  await expect(client.createProviderCall(REQUEST, { idempotencyKey })).rejects.toThrow(
    new TypeError('idempotencyKey must be 1 to 255 visible ASCII characters'),
  );
  expect(requests).toEqual([]);
});

test('the longest key is sent as it is', async () => {
  const { client, requests } = clientOf(json(PROVIDER_CALL_EXAMPLE));
  const idempotencyKey = '~!'.padEnd(255, 'k');
  await client.createProviderCall(REQUEST, { idempotencyKey });
  expect(requests[0]?.headers.get('Idempotency-Key')).toBe(idempotencyKey);
});

test('headers that the API does not send are absent from the result', async () => {
  const { client } = clientOf(json(PROVIDER_CALL_EXAMPLE));
  expect(await client.getProviderCall(PROVIDER_CALL_EXAMPLE.id)).toEqual({
    record: PROVIDER_CALL_EXAMPLE,
    unconfirmed: false,
    replayed: false,
    requestId: '',
    candidates: [],
  });
});

test.each([
  ['get', 'GET'],
  ['delete', 'DELETE'],
])('%s names the record in its path, escaped', async (verb, method) => {
  const { client, requests } = clientOf(json(PROVIDER_CALL_EXAMPLE));
  // A lone surrogate has no UTF-8 form: U+FFFD is sent instead.
  const id = 'a/b\ud800';
  await (verb === 'get' ? client.getProviderCall(id) : client.deleteProviderCall(id));
  expect(requests.map((sent) => `${sent.method} ${sent.url}`)).toEqual([
    `${method} ${BASE_URL}/providercalls/a%2Fb%EF%BF%BD`,
  ]);
});

test('list passes its options on and names the unconfirmed records of the page', async () => {
  const { client, requests } = clientOf(
    json(
      { result: [PROVIDER_CALL_EXAMPLE], next_page_token: 'next' },
      { 'X-ProviderCall-Unconfirmed': 'a,b' },
    ),
  );
  expect(await client.listProviderCalls({ pageSize: 5, pageToken: 't t', providerId: 'p' })).toEqual({
    result: [PROVIDER_CALL_EXAMPLE],
    next_page_token: 'next',
    unconfirmedIds: ['a', 'b'],
  });
  expect(requests[0]?.url).toBe(`${BASE_URL}/providercalls?page_size=5&page_token=t+t&provider_id=p`);
});

test('all pages are requested, each once', async () => {
  const record = (id: string) => ({ ...PROVIDER_CALL_EXAMPLE, id });
  const { client, requests } = clientOf(
    json({ result: [record('1'), record('2')], next_page_token: 'next' }),
    json({ result: [record('3')], next_page_token: '' }),
  );
  const ids: string[] = [];
  for await (const { id } of client.allProviderCalls({ pageSize: 2 })) ids.push(id);
  expect(ids).toEqual(['1', '2', '3']);
  expect(requests.map(({ url }) => new URL(url).searchParams.get('page_token'))).toEqual([null, 'next']);
});

test('a page token that is repeated ends the list', async () => {
  const page = (id: string) => json({ result: [{ ...PROVIDER_CALL_EXAMPLE, id }], next_page_token: 'x' });
  const { client, requests } = clientOf(page('1'), page('2'));
  const ids: string[] = [];
  for await (const { id } of client.allProviderCalls()) ids.push(id);
  expect(ids).toEqual(['1', '2']);
  expect(requests.map(({ url }) => new URL(url).search)).toEqual(['', '?page_token=x']);
});

test.each([
  ['null', null],
  ['a list', []],
  ['an error of nothing', { error: null }],
  ['a page without records', { next_page_token: '' }],
  ['a page without a token', { result: [] }],
])('a success whose body is %s is an UnexpectedResponseError', async (_, body) => {
  const { client } = clientOf(json(body), json(body));
  await expect(client.getProviderCall('1')).rejects.toBeInstanceOf(UnexpectedResponseError);
  await expect(client.listProviderCalls()).rejects.toBeInstanceOf(UnexpectedResponseError);
});

const { customer_id: _, ...READ_FIELDS } = PROVIDER_CALL_EXAMPLE;
const [ADDRESS] = PROVIDER_CALL_EXAMPLE.destinations;
const MALFORMED = [
  ...Object.keys(READ_FIELDS).map((name) => ({ [name]: undefined })),
  ...Object.keys(READ_FIELDS).map((name) => ({ [name]: 1 })),
  ...['id', 'provider_id', 'tm_create', 'destinations', 'call_ids', 'groupcall_ids'].map((name) => ({
    [name]: null,
  })),
  { call_ids: [null] },
  { groupcall_ids: [{}] },
  { destinations: [null] },
  { destinations: [{ ...ADDRESS, target: null }] },
  { source: [] },
  { source: { ...ADDRESS, target_name: undefined } },
  { source: { ...ADDRESS, type: 1 } },
];

test.each(MALFORMED)('a record with %o is an UnexpectedResponseError', async (fields) => {
  const record = { ...PROVIDER_CALL_EXAMPLE, ...fields };
  const { client } = clientOf(json(record), json({ result: [record], next_page_token: '' }));
  await expect(client.createProviderCall(REQUEST)).rejects.toBeInstanceOf(UnexpectedResponseError);
  await expect(client.listProviderCalls()).rejects.toBeInstanceOf(UnexpectedResponseError);
});

test.each([
  ['nothing in what may be null', { source: null, tm_delete: null }],
  ['all that may be null', { source: ADDRESS, tm_delete: '2026-04-22 00:00:00.000000' }],
  [
    'fields and values of a later version',
    { anonymous: 'sometimes', metadata: {}, source: { ...ADDRESS, type: 'fax', x: 1 } },
  ],
])('a record with %s is returned as it is', async (_, fields) => {
  const record = { ...PROVIDER_CALL_EXAMPLE, ...fields };
  const { client } = clientOf(json(record), json({ result: [record], next_page_token: '', total: 1 }));
  expect((await client.getProviderCall('1')).record).toEqual(record);
  expect((await client.listProviderCalls()).result).toEqual([record]);
});
