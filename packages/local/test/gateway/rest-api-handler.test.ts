import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type LocalSystem, startLocal } from '../../src/start.ts';
import { synthesizeFixture } from '../fixture/stack.ts';

/** The fixture's response unless the request asks for another. */
const servedSchema = z.object({
  event: z.looseObject({
    headers: z.record(z.string(), z.string()),
    multiValueHeaders: z.record(z.string(), z.array(z.string())),
    requestContext: z.looseObject({ requestId: z.string(), authorizer: z.optional(z.unknown()) }),
  }),
  context: z.looseObject({ functionName: z.string() }),
});

let local: LocalSystem;
const lines: string[] = [];

beforeAll(async () => {
  const assemblyDirectory = synthesizeFixture();
  local = await startLocal({ assemblyDirectory, onLog: (line) => lines.push(line) });
  afterAll(async () => {
    await local.close();
    rmSync(assemblyDirectory, { recursive: true });
  });
});

beforeEach(() => {
  lines.length = 0;
});

function get(path: string, headers: Record<string, string> = {}) {
  return fetch(`${local.url}${path}`, { headers });
}
function post(path: string, body: unknown) {
  return fetch(`${local.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
}
async function served(response: Response) {
  return servedSchema.parse(await response.json());
}

/** Sends bytes verbatim and returns everything that comes back until the server closes. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(local.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  return await text(socket);
}

describe('the event of a proxy integration', () => {
  test('it holds path, query, headers and context as a REST API passes them on', async () => {
    const response = await get('/v1.0/things/a%20b?x=1&x=2%2B2&y=p+q;z&empty=', { 'X-One': 'one' });
    const { event } = await served(response);
    const { requestContext } = event;
    expect(event).toEqual({
      resource: '/v1.0/things/{id}',
      path: '/v1.0/things/a%20b',
      httpMethod: 'GET',
      headers: expect.objectContaining({ 'X-One': 'one', 'X-Forwarded-For': '127.0.0.1' }),
      multiValueHeaders: expect.objectContaining({ 'X-One': ['one'], 'X-Forwarded-Proto': ['http'] }),
      queryStringParameters: { x: '2+2', y: 'p q', z: '', empty: '' },
      multiValueQueryStringParameters: { x: ['1', '2+2'], y: ['p q'], z: [''], empty: [''] },
      pathParameters: { id: 'a b' },
      stageVariables: null,
      requestContext: expect.objectContaining({
        accountId: '000000000000',
        httpMethod: 'GET',
        path: '/test/v1.0/things/a%20b',
        protocol: 'HTTP/1.1',
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        resourcePath: '/v1.0/things/{id}',
        stage: 'test',
      }),
      body: null,
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('connection');
    expect(requestContext.requestId).toBe(response.headers.get('x-amzn-requestid'));
  });

  test('it keeps the spelling and every value of a repeated header, and the last one as the single value', async () => {
    const body = await sendRaw(
      'GET /v1.0/things HTTP/1.1\r\nHost: h\r\nX-Twice: a\r\nx-twice: b\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n',
    );
    const { event } = servedSchema.parse(JSON.parse(body.slice(body.indexOf('\r\n\r\n'))));
    expect(event.multiValueHeaders).toEqual({
      Host: ['h'],
      'X-Twice': ['a', 'b'],
      'X-Forwarded-For': ['10.0.0.1, 127.0.0.1'],
      'X-Forwarded-Port': [new URL(local.url).port],
      'X-Forwarded-Proto': ['http'],
    });
    expect(event.headers['X-Twice']).toBe('b');
  });

  test('it carries the authorizer context as strings', async () => {
    const { event } = await served(await get('/v1.0/things'));
    expect(event.requestContext.authorizer).toEqual({
      principalId: 'someone',
      reason: 'NOT_YOURS',
      level: '3',
      good: 'true',
      event: expect.any(String),
      integrationLatency: expect.any(Number),
    });
  });

  test('it names no authorizer where the method has none', async () => {
    const { event } = await served(await post('/v1.0/open', {}));
    expect(event.requestContext.authorizer).toBeUndefined();
  });
});

test('the authorizer receives the request with its method ARN and empty maps', async () => {
  const { event } = await served(await get('/v1.0/things', { 'X-Own': 'h' }));
  const { authorizer } = event.requestContext;
  const { event: seen } = z.object({ event: z.string() }).parse(authorizer);
  expect(JSON.parse(seen)).toEqual({
    type: 'REQUEST',
    methodArn: expect.stringMatching(
      /^arn:aws:execute-api:us-east-1:000000000000:\w+\/test\/GET\/v1\.0\/things$/,
    ),
    resource: '/v1.0/things',
    path: '/v1.0/things',
    httpMethod: 'GET',
    headers: expect.objectContaining({ 'X-Own': 'h' }),
    multiValueHeaders: expect.objectContaining({ 'X-Own': ['h'] }),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: {},
    stageVariables: {},
    requestContext: expect.objectContaining({ stage: 'test' }),
  });
});

describe('a response of the gateway itself', () => {
  test.each([
    ['Unauthorized', 401, { type: 'UNAUTHORIZED' }],
    ['fail', 500, { type: 'AUTHORIZER_FAILURE' }],
    ['malformed', 500, { type: 'AUTHORIZER_CONFIGURATION_ERROR' }],
    [
      'Deny',
      403,
      { why: 'NOT_YOURS', says: 'User is not authorized to access this resource with an explicit deny' },
    ],
    ['elsewhere', 403, { why: 'NOT_YOURS', says: 'User is not authorized to access this resource' }],
  ])('an authorizer’s %s becomes %i', async (behave, status, body) => {
    const response = await get('/v1.0/things', { 'X-Authorizer': behave });
    expect([response.status, await response.json()]).toEqual([status, body]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['GET', '/'],
    ['GET', '/v1.0'],
    ['GET', '/v1.0/things/'.concat('a/b')],
    ['GET', '/v1.0//things'],
    ['GET', '/v1.0/nothing'],
    ['OPTIONS', '/v1.0/things'],
    ['DELETE', '/v1.0/things'],
    ['PROPFIND', '/v1.0/things'],
  ])('%s %s is a route that does not exist', async (method, path) => {
    const response = await fetch(`${local.url}${path}`, { method });
    expect([response.status, await response.json()]).toEqual([
      404,
      { no: 'route', id: response.headers.get('x-request-id') },
    ]);
  });

  test('HEAD is not served by a GET method', async () => {
    const response = await fetch(`${local.url}/v1.0/things`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  test('a resource of that very name takes precedence over a parameter, and a slash at the end changes nothing', async () => {
    const { event } = await served(await get('/v1.0/things/named/'));
    expect(event).toMatchObject({ resource: '/v1.0/things/named', pathParameters: null });
  });

  // Were the authorizer asked, it would say no.
  const denied = { 'X-Authorizer': 'Deny' };

  test('a body above 10 MB is rejected before the authorizer runs', async () => {
    const response = await fetch(`${local.url}/v1.0/things`, {
      method: 'POST',
      headers: denied,
      body: 'x'.repeat(10 * 1024 * 1024 + 1),
    });
    expect([response.status, await response.json()]).toEqual([413, { type: 'REQUEST_TOO_LARGE' }]);
  });

  test('a body above 10 MB without a Content-Length is rejected before the authorizer runs', async () => {
    const outgoing = request(`${local.url}/v1.0/things`, { method: 'POST', headers: denied });
    for (let sent = 0; sent <= 10; sent += 1) outgoing.write('x'.repeat(1024 * 1024));
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    expect([response.statusCode, JSON.parse(await text(response))]).toEqual([
      413,
      { type: 'REQUEST_TOO_LARGE' },
    ]);
  });

  test('a body above the 6 MB that Lambda accepts is too large for the function', async () => {
    const response = await fetch(`${local.url}/v1.0/open`, {
      method: 'POST',
      body: JSON.stringify({ pad: 'x'.repeat(6 * 1024 * 1024) }),
    });
    expect([response.status, await response.json()]).toEqual([413, { type: 'REQUEST_TOO_LARGE' }]);
  });

  test('requests beyond the burst of their method are throttled, and other methods are not', async () => {
    const statuses = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await get('/v1.0/slow')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await post('/v1.0/open', {})).status).toBe(200);
  });

  test.each([
    [
      'headers above 10 KB',
      `GET /v1.0/things HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Long: ${'x'.repeat(11_000)}\r\n`,
      431,
    ],
    ['headers above 64 KB', `GET /v1.0/things HTTP/1.1\r\nHost: h\r\nX-Long: ${'x'.repeat(70_000)}\r\n`, 431],
    ['no Host', 'GET /v1.0/things HTTP/1.1\r\nConnection: close\r\n', 400],
    ['an invalid escape', 'GET /v1.0/things/%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n', 400],
    [
      'a strange expectation',
      'GET /v1.0/things HTTP/1.1\r\nHost: h\r\nExpect: 200-maybe\r\nConnection: close\r\n',
      417,
    ],
    ['no HTTP at all', 'HELLO\r\n', 400],
  ])('%s is rejected in the template’s words', async (_, head, status) => {
    const response = await sendRaw(`${head}\r\n`);
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(response).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
    expect(response).toContain('{"type":"DEFAULT_4XX"}');
  });
});

describe('a function’s response', () => {
  test('it is sent with its status, headers and body', async () => {
    const response = await post('/v1.0/open', {
      response: {
        statusCode: 201,
        headers: { 'X-A': 1, 'Set-Cookie': 'dropped' },
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
        body: 'é',
      },
    });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-a')).toBe('1');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('é');
  });

  test('it may be empty', async () => {
    const response = await post('/v1.0/open', { response: { statusCode: 204 } });
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test('it cannot set the headers that are the gateway’s', async () => {
    const response = await post('/v1.0/open', {
      response: { statusCode: 200, headers: { 'Content-Length': '999', Connection: 'close' }, body: 'ok' },
    });
    expect(await response.text()).toBe('ok');
    expect(response.headers.get('x-amzn-remapped-content-length')).toBe('999');
  });

  test.each([
    ['no status', { body: 'x' }],
    ['a status as text', { statusCode: '200' }],
    ['an object as the body', { statusCode: 200, body: {} }],
    ['a header on two lines', { statusCode: 200, headers: { 'X-A': 'a\r\nX-B: b' } }],
    ['null', null],
  ])('it is malformed with %s', async (_, returned) => {
    const response = await post('/v1.0/open', { response: returned });
    expect([response.status, await response.json()]).toEqual([500, { type: 'DEFAULT_5XX' }]);
  });

  test.each(['throw', 'exit', 'reject', 'hang'])('a function that does %s is a 5xx', async (behave) => {
    const response = await post('/v1.0/open', { behave });
    expect([response.status, await response.json()]).toEqual([500, { type: 'DEFAULT_5XX' }]);
    expect((await post('/v1.0/open', {})).status).toBe(200);
  });

  test('it is not waited for beyond the integration’s timeout', async () => {
    const response = await post('/v1.0/hasty', { behave: 'hang' });
    expect([response.status, await response.json()]).toEqual([500, { type: 'INTEGRATION_TIMEOUT' }]);
  });
});

describe('the access log', () => {
  test('it has one line per request, in the template’s format', async () => {
    const allowed = await get('/v1.0/things/1');
    const rejected = await get('/v1.0/things/1', { 'X-Authorizer': 'Unauthorized' });
    const unknown = await get('/nowhere');
    const accessLines = lines.filter((line) => line.startsWith('{"id":')).map((line) => JSON.parse(line));
    expect(accessLines).toEqual([
      {
        id: allowed.headers.get('x-amzn-requestid'),
        route: 'GET /v1.0/things/{id}',
        status: 200,
        who: 'someone',
        error: '-',
      },
      {
        id: rejected.headers.get('x-amzn-requestid'),
        route: 'GET /v1.0/things/{id}',
        status: 401,
        who: '-',
        error: 'UNAUTHORIZED',
      },
      {
        id: unknown.headers.get('x-amzn-requestid'),
        route: 'GET -',
        status: 404,
        who: '-',
        error: 'MISSING_AUTHENTICATION_TOKEN',
      },
    ]);
  });
});

test('a scheduled function runs at once on demand, with the event of its rule', async () => {
  const [run, ...others] = await local.runSchedules();
  expect(others).toEqual([]);
  const { payload } = z.object({ payload: z.string() }).parse(run?.result);
  const { body } = z.object({ body: z.string() }).parse(JSON.parse(payload));
  expect(JSON.parse(body)).toMatchObject({ event: { body: null } });
});
