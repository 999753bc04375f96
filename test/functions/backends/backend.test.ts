import { Agent } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createBackend, outcomeOfError } from '../../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../../functions/backends/backend-authorization.ts';
import { BackendFailure } from '../../../functions/provider-calls/ports.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { hang, jsonResponse, refusedUrl, reset, startBackend } from '../backend-server.ts';

const server = await startBackend();
const authorization = createBackendAuthorization({ kind: 'none' });
function backendAt(url: string, timeoutMs = 5_000) {
  return createBackend({ name: 'call', url: new URL(url), authorization, timeoutMs });
}
const backend = backendAt(`${server.url}/base/`);
const schema = z.object({ id: z.string() });
const GET_CALLS = { method: 'GET', path: '/v1/calls' } as const;
const scope = createRequestScope('request-1');

beforeEach(() => server.forget());

async function failureOf(request: Promise<unknown>) {
  const error = await request.catch((thrown: unknown) => thrown);
  if (!(error instanceof BackendFailure)) throw new Error('no BackendFailure', { cause: error });
  const { outcome, timedOut, errorResponse, message } = error;
  return { outcome, timedOut, errorResponse, message };
}

test('a backend request carries JSON, the request’s id and the key, below the base URL', async () => {
  server.respond = jsonResponse(200, { id: 'one', more: 'fields' });
  const post = { method: 'POST', path: '/v1/calls', body: { a: 1 }, idempotencyKey: 'key-1' } as const;
  expect(await backend.request(scope, schema, post)).toEqual({ id: 'one' });
  const [request] = server.received;
  expect({ method: request?.method, path: request?.path, body: request?.body }).toEqual({
    method: 'POST',
    path: '/base/v1/calls',
    body: { a: 1 },
  });
  expect(request?.headers).toMatchObject({
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': 'key-1',
    'x-request-id': 'request-1',
  });
});

test('a backend request without body and key has no content type either', async () => {
  server.respond = jsonResponse(200, { id: 'one' });
  await backend.request(scope, schema, GET_CALLS);
  const names = Object.keys(server.received[0]?.headers ?? {});
  expect(
    names.filter((name) => ['content-type', 'content-length', 'idempotency-key'].includes(name)),
  ).toEqual([]);
});

test('a backend request adds its time to the scope', async () => {
  server.respond = jsonResponse(200, { id: 'one' });
  const own = createRequestScope('request-2');
  await backend.request(own, schema, GET_CALLS);
  expect(own.timings).toEqual({ call: expect.any(Number) });
});

describe('a request has certainly done nothing', () => {
  const nothingDone = { outcome: 'nothing-done', timedOut: false };

  test('when the connection is refused', async () => {
    expect(await failureOf(backendAt(await refusedUrl()).request(scope, schema, GET_CALLS))).toEqual({
      ...nothingDone,
      errorResponse: undefined,
      message: 'call backend: GET: no response',
    });
  });

  test('when the host does not exist', async () => {
    expect(
      await failureOf(backendAt('http://no-such-host.invalid').request(scope, schema, GET_CALLS)),
    ).toMatchObject(nothingDone);
  });

  test.each([[400], [401], [402], [403], [404], [405], [413], [415], [429]])(
    'when the response is %i',
    async (status) => {
      server.respond = jsonResponse(
        status,
        { error: { reason: 'WHY', message: 'because' } },
        { 'Retry-After': '7' },
      );
      expect(await failureOf(backend.request(scope, schema, GET_CALLS))).toEqual({
        ...nothingDone,
        errorResponse: { status, reason: 'WHY', message: 'because', retryAfterSeconds: 7 },
        message: `call backend: GET returned ${status}`,
      });
    },
  );

  test.each([
    ['text', 'no', undefined],
    ['no body', '', undefined],
    ['another shape', { error: 'no' }, undefined],
    ['another shape within', { error: { reason: 1, message: 2 } }, undefined],
    ['a date in Retry-After', '', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['a Retry-After of zero', '', '0'],
  ])('when the body of a 400 is %s', async (_what, body, retryAfter) => {
    server.respond = jsonResponse(400, body, retryAfter === undefined ? {} : { 'Retry-After': retryAfter });
    expect(await failureOf(backend.request(scope, schema, GET_CALLS))).toMatchObject({
      ...nothingDone,
      errorResponse: { status: 400, reason: undefined, message: undefined, retryAfterSeconds: undefined },
    });
  });

  test('when it could not be authorized', async () => {
    const denied = createBackend({
      name: 'call',
      url: new URL(server.url),
      authorization: { authorize: () => Promise.reject(new Error('denied')), rejected: () => {} },
      timeoutMs: 5_000,
    });
    expect(await failureOf(denied.request(scope, schema, GET_CALLS))).toMatchObject(nothingDone);
    expect(server.received).toEqual([]);
  });
});

describe('the effect of a request is unknown', () => {
  const certain = new Set([400, 401, 402, 403, 404, 405, 413, 415, 429]);
  const others = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
    (status) => !certain.has(status),
  );

  test.each(others)('when the response is %i', async (status) => {
    server.respond = jsonResponse(status, '', { Location: `${server.url}/elsewhere` });
    expect(await failureOf(backend.request(scope, schema, GET_CALLS))).toMatchObject({
      outcome: 'unknown',
      timedOut: false,
    });
    expect(server.received).toHaveLength(1);
  });

  test('when the connection is lost', async () => {
    server.respond = reset;
    expect(await failureOf(backend.request(scope, schema, GET_CALLS))).toMatchObject({
      outcome: 'unknown',
      timedOut: false,
    });
  });

  test('when no response comes in time', async () => {
    server.respond = hang;
    expect(await failureOf(backendAt(server.url, 50).request(scope, schema, GET_CALLS))).toEqual({
      outcome: 'unknown',
      timedOut: true,
      errorResponse: undefined,
      message: 'call backend: GET: no response within 50 ms',
    });
  });

  test.each([
    ['aborted for another reason', new DOMException('aborted', 'AbortError')],
    ['ended by an error that only has the name', Object.assign(new Error('odd'), { name: 'TimeoutError' })],
  ])('when it was %s, which is not a timeout', async (_what, reason) => {
    const connection = vi
      .spyOn(Agent.prototype, 'createConnection')
      .mockImplementation((_options, created) => {
        created?.(reason, new Socket());
        return null;
      });
    onTestFinished(() => connection.mockRestore());
    expect(
      await failureOf(backendAt('http://127.0.0.1:1', 5_000).request(scope, schema, GET_CALLS)),
    ).toMatchObject({
      outcome: 'unknown',
      timedOut: false,
      message: 'call backend: GET: no response',
    });
  });

  test.each([
    ['not JSON', '<html>'],
    ['empty', ''],
    ['JSON of another shape', { ids: ['one'] }],
    ['too large', `{"id":"${'x'.repeat(4 * 1024 * 1024)}"}`],
  ])('when the response is %s', async (_what, body) => {
    server.respond = jsonResponse(200, body);
    expect(await failureOf(backend.request(scope, schema, GET_CALLS))).toMatchObject({ outcome: 'unknown' });
  });
});

describe('an error of a connection', () => {
  const failed = (syscall: string, code: string) =>
    Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

  test.each([
    ['connect', 'ECONNREFUSED'],
    ['connect', 'EHOSTUNREACH'],
    ['connect', 'ENETUNREACH'],
    ['connect', 'ETIMEDOUT'],
    ['getaddrinfo', 'ENOTFOUND'],
    ['getaddrinfo', 'EAI_AGAIN'],
  ])('%s %s means that nothing was done', (syscall, code) => {
    expect(outcomeOfError(failed(syscall, code))).toBe('nothing-done');
  });

  test.each([
    ['a route lost after sending', failed('write', 'EHOSTUNREACH')],
    ['a network lost while waiting', failed('read', 'ENETUNREACH')],
    ['a segment that is never acknowledged', failed('write', 'ETIMEDOUT')],
    ['ECONNRESET', failed('read', 'ECONNRESET')],
    ['ECONNRESET while connecting', failed('connect', 'ECONNRESET')],
    ['EPIPE', failed('write', 'EPIPE')],
    ['a code without the call that failed', Object.assign(new Error('odd'), { code: 'ECONNREFUSED' })],
    ['no code', new Error('odd')],
    ['no error', 'odd'],
    [
      'several tries, one of which may have arrived',
      new AggregateError([failed('connect', 'ECONNREFUSED'), failed('read', 'ECONNRESET')]),
    ],
  ])('%s means that nothing is known', (_what, error) => {
    expect(outcomeOfError(error)).toBe('unknown');
  });

  test('of every address of a host means that nothing was done', () => {
    const tries = [failed('connect', 'ECONNREFUSED'), failed('connect', 'ETIMEDOUT')];
    expect(outcomeOfError(new AggregateError(tries))).toBe('nothing-done');
  });
});
