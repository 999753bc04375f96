import { expect, test } from 'vitest';
import { providerCallExample } from '../../../contract/examples.ts';
import { createProviderCallClient, ProviderCallApiError } from '../src/index.ts';

const baseUrl = 'https://api.example.com/v1.0';
const order = {
  provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  destinations: [{ type: 'tel' as const, target: '+821012345678' }],
};
const errorBody = (reason: string, status: string, details?: object[]) =>
  JSON.stringify({ error: { status, reason, message: 'Do this.', request_id: 'r-1', details } });

/** A fetch that gives these answers, one after the other, and keeps what it was asked. */
const scripted = (...answers: Response[]) => {
  const requests: Request[] = [];
  return {
    requests,
    fetch: async (request: Request): Promise<Response> => {
      requests.push(request);
      const answer = answers[requests.length - 1];
      if (answer === undefined) throw new Error('asked once too often');
      return answer;
    },
  };
};
const answer = (body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json', ...headers } });

test('a create is sent with its credential and key, and answered with what the headers say', async () => {
  const { fetch, requests } = scripted(
    answer(providerCallExample, { 'X-Request-Id': 'r-1', 'Idempotent-Replayed': 'true' }),
  );
  const client = createProviderCallClient({ baseUrl, token: 'a-token', fetch });
  expect(await client.createProviderCall(order, { idempotencyKey: 'once' })).toEqual({
    record: providerCallExample,
    replayed: true,
    unconfirmed: false,
    requestId: 'r-1',
  });
  const [request] = requests;
  expect(request?.method).toBe('POST');
  expect(request?.url).toBe(`${baseUrl}/providercalls`);
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({
    authorization: 'Bearer a-token',
    'content-type': 'application/json',
    'idempotency-key': 'once',
  });
  expect(await request?.json()).toEqual(order);
});

test('a token that is a function is asked for each request', async () => {
  const page = () => answer({ result: [], next_page_token: '' });
  const { fetch, requests } = scripted(page(), page());
  let number = 0;
  const token = async () => {
    number += 1;
    return `token-${number}`;
  };
  const client = createProviderCallClient({ baseUrl, token, fetch });
  await client.listProviderCalls();
  await client.listProviderCalls({ pageSize: 5, pageToken: 't t', providerId: 'p' });
  expect(requests.map(({ headers }) => headers.get('Authorization'))).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
  expect(new URL(requests[1]?.url ?? '').search).toBe('?page_size=5&page_token=t%20t&provider_id=p');
});

test('an access key goes into the query, and nothing into the Authorization header', async () => {
  const { fetch, requests } = scripted(
    answer({ result: [], next_page_token: '' }),
    answer(providerCallExample),
  );
  const client = createProviderCallClient({ baseUrl, accessKey: 'vb_key', fetch });
  await client.listProviderCalls({ pageSize: 5 });
  await client.createProviderCall(order);
  expect(requests.map(({ url }) => new URL(url).search)).toEqual([
    '?page_size=5&accesskey=vb_key',
    '?accesskey=vb_key',
  ]);
  expect(requests.map(({ headers }) => headers.has('Authorization'))).toEqual([false, false]);
  expect(await requests[1]?.json()).toEqual(order);
});

test('all pages are walked, each once', async () => {
  const record = (id: string) => ({ ...providerCallExample, id });
  const { fetch, requests } = scripted(
    answer({ result: [record('1'), record('2')], next_page_token: 'next' }),
    answer({ result: [record('3')], next_page_token: '' }),
  );
  const client = createProviderCallClient({ baseUrl, token: 't', fetch });
  const ids: string[] = [];
  for await (const { id } of client.allProviderCalls({ pageSize: 2 })) ids.push(id);
  expect(ids).toEqual(['1', '2', '3']);
  expect(requests.map(({ url }) => new URL(url).searchParams.get('page_token'))).toEqual([null, 'next']);
});

const failure = async (response: Response): Promise<unknown> => {
  const client = createProviderCallClient({ baseUrl, token: 't', fetch: scripted(response).fetch });
  return await client.createProviderCall(order).catch((error: unknown) => error);
};

test('an error of the API is thrown with all that it says', async () => {
  const details = [{ providercall_id: providerCallExample.id }];
  const error = await failure(
    new Response(errorBody('CALL_OUTCOME_UNKNOWN', 'UNAVAILABLE', details), {
      status: 503,
      headers: { 'Content-Type': 'application/json', 'Retry-After': '7' },
    }),
  );
  expect(error).toBeInstanceOf(ProviderCallApiError);
  expect(error).toMatchObject({
    message: 'CALL_OUTCOME_UNKNOWN: Do this.',
    httpStatus: 503,
    status: 'UNAVAILABLE',
    reason: 'CALL_OUTCOME_UNKNOWN',
    requestId: 'r-1',
    details,
    retryAfterSeconds: 7,
    providerCallId: providerCallExample.id,
  });
});

test.each([
  ['a page of a proxy', new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ['JSON of somebody else', new Response('{"message":"no"}', { status: 403 })],
  ['an error of another shape', new Response('{"error":"no"}', { status: 400 })],
  ['nothing', new Response(null, { status: 504, headers: { 'Content-Length': '0' } })],
])('%s is not taken for an error of the API', async (_, response) => {
  const error = await failure(response);
  expect(error).not.toBeInstanceOf(ProviderCallApiError);
  expect(error).toMatchObject({ message: expect.stringContaining(`HTTP ${response.status}`) });
});
