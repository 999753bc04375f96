import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConnectionError, RequestTimeoutError, UnexpectedResponseError } from '../src/errors.ts';
import { type ApiRequest, type ClientOptions, jsonOf, type Retry, send } from '../src/send.ts';
import { apiError, json, type Reply, scriptedFetch } from './scripted-fetch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BASE_URL = 'https://api.example.com/v1.0';
const GET_REQUEST: ApiRequest = { method: 'GET', path: '/things' };
const POST_REQUEST: ApiRequest = { method: 'POST', path: '/things', body: { a: 1 }, idempotencyKey: 'k' };

/** Sends a request with all timers run, and returns what came of it. */
async function sent(request: ApiRequest, replies: Reply[], options: Partial<ClientOptions> = {}) {
  const { fetch, requests } = scriptedFetch(...replies);
  const started = Date.now();
  const outcome = send({ baseUrl: BASE_URL, token: 't', fetch, ...options }, request)
    .then(jsonOf)
    .catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { outcome: await outcome, requests, tookMs: Date.now() - started };
}

test('a request carries its token, key, query and body', async () => {
  const { requests, outcome } = await sent({ ...POST_REQUEST, query: { a: 'b c', none: undefined, n: 5 } }, [
    json({ ok: true }),
  ]);
  expect(outcome).toEqual({ ok: true });
  const [request] = requests;
  expect(request?.method).toBe('POST');
  expect(request?.url).toBe(`${BASE_URL}/things?a=b+c&n=5`);
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({
    authorization: 'Bearer t',
    'content-type': 'application/json',
    'idempotency-key': 'k',
  });
  expect(await request?.json()).toEqual({ a: 1 });
});

test('an access key goes into the query, and nothing into the Authorization header', async () => {
  const { fetch, requests } = scriptedFetch(json({}));
  await send({ baseUrl: `${BASE_URL}/`, accessKey: 'vb_key', fetch }, { ...GET_REQUEST, query: { a: 1 } });
  expect(requests[0]?.url).toBe(`${BASE_URL}/things?a=1&accesskey=vb_key`);
  expect(requests[0]?.headers.has('Authorization')).toBe(false);
});

test('a token that is a function is called for each attempt', async () => {
  let count = 0;
  const { requests } = await sent(GET_REQUEST, [apiError(503, 'SERVICE_UNAVAILABLE'), json({})], {
    token: async () => {
      count += 1;
      return `token-${count}`;
    },
  });
  expect(requests.map(({ headers }) => headers.get('Authorization'))).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
});

test('a POST is sent again with the same key and body after a lost connection', async () => {
  const retries: Retry[] = [];
  const { outcome, requests, tookMs } = await sent(
    POST_REQUEST,
    [new TypeError('fetch failed'), json({ ok: true })],
    {
      onRetry: (retry) => retries.push(retry),
    },
  );
  expect(outcome).toEqual({ ok: true });
  expect(requests.map(({ headers }) => headers.get('Idempotency-Key'))).toEqual(['k', 'k']);
  expect(await Promise.all(requests.map((request) => request.json()))).toEqual([{ a: 1 }, { a: 1 }]);
  expect(tookMs).toBe(200);
  expect(retries).toEqual([
    { method: 'POST', path: '/things', error: expect.any(ConnectionError), delayMs: 200 },
  ]);
});

test('a connection that is lost within the response counts as lost', async () => {
  const broken = new Response(
    new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) }),
  );
  const { outcome, requests } = await sent(POST_REQUEST, [broken, json({ ok: true })]);
  expect(outcome).toEqual({ ok: true });
  expect(requests).toHaveLength(2);
});

test('a request is sent at most maxRetries times again', async () => {
  const lost = new TypeError('fetch failed');
  const { outcome, requests } = await sent(GET_REQUEST, [lost, lost, lost, lost], { maxRetries: 2 });
  expect(outcome).toBeInstanceOf(ConnectionError);
  expect(outcome).toMatchObject({ message: 'no response from api.example.com', cause: lost });
  expect(requests).toHaveLength(3);
});

test('a request ends at once if its Retry-After exceeds the time limit', async () => {
  const { outcome, requests, tookMs } = await sent(
    GET_REQUEST,
    [apiError(429, 'RATE_LIMIT_EXCEEDED', { 'Retry-After': '120' }), json({})],
    { timeoutMs: 60_000 },
  );
  expect(outcome).toMatchObject({ reason: 'RATE_LIMIT_EXCEEDED' });
  expect(requests).toHaveLength(1);
  expect(tookMs).toBeLessThan(1);
});

test('a request without a response ends at its time limit, retries included', async () => {
  const { outcome, tookMs, requests } = await sent(
    GET_REQUEST,
    [apiError(503, 'SERVICE_UNAVAILABLE', { 'Retry-After': '3' }), 'never'],
    { timeoutMs: 5000 },
  );
  expect(outcome).toBeInstanceOf(RequestTimeoutError);
  expect(outcome).toMatchObject({ message: 'no response within 5000 ms', timeoutMs: 5000 });
  expect(requests).toHaveLength(2);
  expect(tookMs).toBe(5000);
});

test.each([Number.POSITIVE_INFINITY, 2 ** 40])(
  'a time limit of %d ms is that of the longest timer',
  async (timeoutMs) => {
    const { outcome, tookMs } = await sent(GET_REQUEST, ['never'], { timeoutMs });
    expect(outcome).toMatchObject({ name: 'RequestTimeoutError', timeoutMs: 2 ** 31 - 1 });
    expect(tookMs).toBe(2 ** 31 - 1);
  },
);

test('a Retry-After beyond the longest timer is not waited for, whatever the time limit', async () => {
  const { outcome, requests } = await sent(
    GET_REQUEST,
    [apiError(503, 'SERVICE_UNAVAILABLE', { 'Retry-After': '99999999' }), json({})],
    { timeoutMs: Number.POSITIVE_INFINITY },
  );
  expect(outcome).toMatchObject({ reason: 'SERVICE_UNAVAILABLE' });
  expect(requests).toHaveLength(1);
});

test.each(['the client’s signal', 'the request’s signal'])(
  '%s ends a request with its reason',
  async (whose) => {
    const controller = new AbortController();
    const { signal } = controller;
    setTimeout(() => controller.abort(new Error('changed my mind')), 300);
    const own = whose === 'the client’s signal';
    const { outcome, tookMs } = await sent(
      own ? GET_REQUEST : { ...GET_REQUEST, signal },
      ['never'],
      own ? { signal } : {},
    );
    expect(outcome).toEqual(new Error('changed my mind'));
    expect(tookMs).toBe(300);
  },
);

test('a signal also ends the pause before a retry', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('changed my mind')), 1000);
  const { outcome, requests } = await sent({ ...GET_REQUEST, signal: controller.signal }, [
    apiError(503, 'SERVICE_UNAVAILABLE', { 'Retry-After': '9' }),
  ]);
  expect(outcome).toEqual(new Error('changed my mind'));
  expect(requests).toHaveLength(1);
});

test('no request is sent once its signal has fired', async () => {
  const { outcome, requests } = await sent(
    { ...GET_REQUEST, signal: AbortSignal.abort(new Error('too late')) },
    [],
  );
  expect(outcome).toEqual(new Error('too late'));
  expect(requests).toHaveLength(0);
});

test('no listener is left on a signal that outlives the request', async () => {
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  await sent(GET_REQUEST, [json({})], { signal });
  expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['text', 'hello'],
  ['nothing', ''],
  ['half of an object', '{"id":"1"'],
  ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
])('a success whose body is %s is not treated as a response of the API', async (_, body) => {
  const { outcome } = await sent(GET_REQUEST, [new Response(body)]);
  expect(outcome).toBeInstanceOf(UnexpectedResponseError);
  expect(outcome).toMatchObject({ httpStatus: 200 });
});
