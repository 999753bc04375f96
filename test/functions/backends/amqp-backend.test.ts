import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { AmqpFailure } from '../../../functions/backends/amqp-client.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { type AmqpReply, clientOf } from './amqp-managers.ts';

function backendReplying(reply: AmqpReply) {
  const { client, sent } = clientOf(() => reply);
  const scope = createRequestScope('request-1');
  const backend = createAmqpBackend({ name: 'call', client, queue: 'calls', timeoutMs: 500 });
  return { backend, scope, sent };
}

test('a request is the platform’s envelope, in the backend’s queue', async () => {
  const { backend, scope, sent } = backendReplying({ status_code: 200, data: { id: 1 } });
  const request = { method: 'POST', path: '/v1/calls', body: { a: 1 }, idempotencyKey: 'key-1' } as const;
  expect(await backend.request(scope, z.object({ id: z.number() }), request)).toEqual({ id: 1 });
  expect(sent).toEqual([
    {
      queue: 'calls',
      timeoutMs: 500,
      envelope: {
        uri: '/v1/calls',
        method: 'POST',
        publisher: 'provider-call',
        data_type: 'application/json',
        data: { a: 1 },
        request_id: 'request-1',
      },
    },
  ]);
});

test('a request without a body has no data', async () => {
  const { backend, scope, sent } = backendReplying({ status_code: 200 });
  expect(await backend.send(scope, { method: 'GET', path: '/v1/providers/1' })).toEqual({
    status: 200,
    headers: {},
    text: '',
  });
  expect(sent.map(({ envelope }) => 'data' in envelope)).toEqual([false]);
});

test.each<[string, AmqpReply, string, number | undefined]>([
  ['status 404', { status_code: 404 }, 'nothing-done', 404],
  [
    'status 400 with an error',
    { status_code: 400, data: { reason: 'R', message: 'm' } },
    'nothing-done',
    400,
  ],
  ['status 500 and nothing else', { status_code: 500 }, 'unknown', 500],
  ['status 409', { status_code: 409 }, 'unknown', 409],
  ['a success of another shape', { status_code: 200, data: [] }, 'unknown', undefined],
  ['text that is not JSON', '<html>', 'unknown', undefined],
  ['JSON that is not an envelope', '{"status":200}', 'unknown', undefined],
  ['a status out of range', '{"status_code":2000}', 'unknown', undefined],
  ['an empty body', '', 'unknown', undefined],
  [
    'more than 4 MiB',
    JSON.stringify({ status_code: 200, data: { id: 1 } }).padEnd(4 * 1024 * 1024 + 1),
    'unknown',
    undefined,
  ],
])('a reply with %s says what is known of the request', async (_what, reply, outcome, status) => {
  const { backend, scope } = backendReplying(reply);
  const failure = await backend
    .request(scope, z.object({ id: z.number() }), { method: 'POST', path: '/v1/calls' })
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'BackendFailure', backend: 'call', outcome, timedOut: false });
  expect(failure).toMatchObject(
    status === undefined ? { errorResponse: undefined } : { errorResponse: { status } },
  );
});

test.each([
  ['the platform’s own type', 'voipbin_error', { reason: 'FLOW_NOT_FOUND', message: 'm', domain: 'd' }],
  ['JSON as over HTTP', 'application/json', { error: { reason: 'FLOW_NOT_FOUND', message: 'm' } }],
])('an error of %s says its reason and message', async (_what, data_type, data) => {
  const { backend, scope } = backendReplying(JSON.stringify({ status_code: 400, data_type, data }));
  await expect(
    backend.request(scope, z.unknown(), { method: 'POST', path: '/v1/calls' }),
  ).rejects.toMatchObject({ errorResponse: { status: 400, reason: 'FLOW_NOT_FOUND', message: 'm' } });
});

test.each([
  ['connection', 'BrokerConnectionFailures'],
  ['unroutable', 'UnroutableRequests'],
  ['expired', 'ExpiredRequests'],
] as const)('a request that ends as %s is counted as %s', async (fault, metric) => {
  const { backend, scope } = backendReplying(
    new AmqpFailure('m', { fault, outcome: 'nothing-done', timedOut: true }),
  );
  for (const times of [1, 2]) {
    await expect(backend.send(scope, { method: 'GET', path: '/v1/calls' })).rejects.toMatchObject({
      message: 'call backend: GET: m',
      outcome: 'nothing-done',
      timedOut: true,
    });
    expect(scope.metrics).toEqual({ [metric]: times });
  }
});
