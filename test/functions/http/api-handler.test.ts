import '../stage.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { apiHandler, responseHandler } from '../../../functions/http/api-handler.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { lambdaContext, RESPONSE_HEADERS } from '../api-under-test.ts';
import { captureOutput } from '../log-lines.ts';
import { IDS } from '../provider-calls/sample-record.ts';
import { apiEvent } from './sample-request.ts';

const context = lambdaContext(1_000);
const HEADERS = { ...RESPONSE_HEADERS, 'X-Request-Id': 'gateway-1' };

beforeEach(() => {
  captureOutput();
});

test('a handler is passed the request, and its body becomes a JSON response with status 200', async () => {
  const handler = apiHandler(
    'get',
    async ({ path, caller, method, resource, query, header, body }) => ({
      body: { path, caller, method, resource, sent: [query('a'), header('x-b'), body] },
      headers: { 'X-Own': 'yes' },
    }),
    ['a'],
  );
  const event = apiEvent({
    path: { id: IDS.record },
    query: { a: ['1', '2'] },
    headers: { 'X-B': ['3'] },
    text: '{}',
  });
  expect(await handler(event, context)).toEqual({
    statusCode: 200,
    headers: { ...HEADERS, 'X-Own': 'yes' },
    body: JSON.stringify({
      path: { id: IDS.record },
      caller: { customerId: IDS.customer, actor: { type: 'agent', id: IDS.agent } },
      method: 'GET',
      resource: '/v1.0/providercalls/{id}',
      sent: [['1', '2'], ['3'], { text: '{}', isBase64: false }],
    }),
  });
});

describe('a query parameter', () => {
  const handler = apiHandler('list', async () => ({ body: 'handled' }), ['page_size']);
  const statusOf = async (query: Record<string, string[]>) =>
    (await handler(apiEvent({ query }), context)).statusCode;

  test.each([['page_size'], ['token'], ['accesskey']])('%s is accepted', async (name) => {
    expect(await statusOf({ [name]: ['1'] })).toBe(200);
  });

  test.each([['provider'], ['status'], ['Page_Size'], ['page_size '], [''], ['constructor'], ['__proto__']])(
    '%j is rejected by name',
    async (name) => {
      const { statusCode, body } = await handler(
        apiEvent({
          query: Object.fromEntries([
            ['page_size', ['1']],
            [name, ['']],
          ]),
        }),
        context,
      );
      expect({ statusCode, error: JSON.parse(body).error }).toEqual({
        statusCode: 400,
        error: {
          status: 'INVALID_ARGUMENT',
          reason: 'INVALID_ARGUMENT',
          message: `The request is not acceptable: ${name} is not a query parameter of this request.`,
          request_id: 'gateway-1',
          details: [{ field: name, message: 'is not a query parameter of this request' }],
        },
      });
    },
  );
});

test('two requests at once keep their own ids', async () => {
  const started = Promise.withResolvers<void>();
  const handler = apiHandler('get', async ({ scope }) => {
    if (scope.requestId === 'first') await started.promise;
    else started.resolve();
    return { body: scope.requestId };
  });
  const responses = await Promise.all(
    ['first', 'second'].map((id) => handler(apiEvent({ headers: { 'X-Request-Id': [id] } }), context)),
  );
  expect(responses.map((response) => [response.headers['X-Request-Id'], response.body])).toEqual([
    ['first', '"first"'],
    ['second', '"second"'],
  ]);
});

describe('an error', () => {
  test('of a handler becomes a response in the envelope, with the same headers', async () => {
    const handler = responseHandler('get', () =>
      Promise.reject(new PlatformError('REQUEST_IN_PROGRESS', 'Later.', { retryAfterSeconds: 5 })),
    );
    expect(await handler(apiEvent({}), context)).toEqual({
      statusCode: 409,
      headers: { ...HEADERS, 'Retry-After': '5' },
      body: JSON.stringify({
        error: {
          status: 'FAILED_PRECONDITION',
          reason: 'REQUEST_IN_PROGRESS',
          message: 'Later.',
          request_id: 'gateway-1',
        },
      }),
    });
  });

  test('of an event that is not the gateway’s is a 500 under Lambda’s request id', async () => {
    const handler = responseHandler('get', async () => ({ statusCode: 200, headers: {}, body: '' }));
    expect(await handler({ Records: [] }, context)).toMatchObject({
      statusCode: 500,
      headers: { 'X-Request-Id': 'invocation-1' },
    });
  });

  test('ends a request that Lambda is about to end', async () => {
    const handler = responseHandler('get', () => new Promise(() => {}));
    const { statusCode, body } = await handler(apiEvent({}), lambdaContext(201));
    expect([statusCode, JSON.parse(body).error.reason]).toEqual([503, 'REQUEST_TIMEOUT']);
  });
});
