import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { hashAccessKey } from '../../functions/auth/access-key.ts';
import { ACCESS_KEY_TABLE } from '../../functions/auth/access-key-table.ts';
import { type LocalSystem, startLocal } from '../../packages/local/src/start.ts';
import { EXAMPLE_BODY, RESPONSE_HEADERS } from '../functions/api-under-test.ts';
import type { Sent } from '../functions/authorizer-under-test.ts';
import { IDS } from '../functions/provider-calls/sample-record.ts';
import { ACCESS_KEY_ITEMS, ACCESS_KEYS, attacksOn, goodToken } from './attack-table.ts';
import { leaksIn } from './leaks.ts';
import { type RawRequest, type RawResponse, sendRaw } from './raw-http.ts';

/*
 * The same attacks on the whole system: gateway, authorizer, functions and stand-in, as in `npm start`.
 */

const KEY = 'signing-key-under-attack-32-byte';
const token = goodToken(KEY);
const LIST = '/v1.0/providercalls';
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Maximum size of headers and request line in API Gateway; a larger request never reaches a function. */
const GATEWAY_HEADER_BYTES = 10_240;

let started: LocalSystem | undefined;
let documents: DynamoDBDocumentClient;
let client: DynamoDBClient;
const tables = new Map<string, string>();

function system(): LocalSystem {
  if (started === undefined) throw new Error('the system has not started');
  return started;
}

beforeAll(async () => {
  started = await startLocal({ jwtKey: KEY, throttling: false });
  client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: started.dynamodbEndpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  documents = DynamoDBDocumentClient.from(client);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const TableName of TableNames) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const [partitionKey] = Table?.KeySchema ?? [];
    const indexes = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
    if (partitionKey?.AttributeName === ACCESS_KEY_TABLE.partitionKey) tables.set('access keys', TableName);
    if (indexes.includes('by-customer')) tables.set('records', TableName);
  }
  for (const [accessKey, item] of ACCESS_KEY_ITEMS) {
    const Item = { [ACCESS_KEY_TABLE.partitionKey]: hashAccessKey(accessKey), ...item };
    await documents.send(new PutCommand({ TableName: tables.get('access keys'), Item }));
  }
});
afterAll(async () => {
  client.destroy();
  await started?.close();
});

function send(request: RawRequest) {
  return sendRaw(system().url, request);
}
function authorized(request: RawRequest) {
  return send({ ...request, headers: { Authorization: `Bearer ${token}`, ...request.headers } });
}

function pathWith(query: Sent['query'] = {}) {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    values.map((value) => `${name}=${encodeURIComponent(value)}`),
  );
  return pairs.length === 0 ? LIST : `${LIST}?${pairs.join('&')}`;
}
function requestOf({ headers = {}, query }: Sent): RawRequest {
  return { path: pathWith(query), headers };
}

function bytesOf({ path, headers = {} }: RawRequest) {
  return (
    path.length +
    Object.values(headers)
      .flat()
      .reduce((sum, value) => sum + value.length, 0)
  );
}

const envelopeSchema = z.strictObject({
  error: z.strictObject({
    status: z.string(),
    reason: z.string(),
    message: z.string().check(z.minLength(1)),
    request_id: z.string().check(z.minLength(1)),
    details: z.optional(z.array(z.unknown())),
  }),
});

/** Returns the error of a response, after checking what every error must have. */
function errorOf({ status, headers, body }: RawResponse) {
  const { error } = envelopeSchema.parse(JSON.parse(body));
  expect(headers['x-request-id']).toBe(error.request_id);
  const { 'Content-Security-Policy': policy, ...inAnyResponse } = RESPONSE_HEADERS;
  // The gateway cannot send this header, because its fixed values cannot contain single quotes.
  expect([policy, undefined]).toContain(headers['content-security-policy']);
  for (const [name, value] of Object.entries(inAnyResponse)) {
    expect([name, headers[name.toLowerCase()]]).toEqual([name, value]);
  }
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  return { status, reason: error.reason, requestId: error.request_id };
}

const placedSchema = z.object({ result: z.array(z.unknown()) });
/** Returns the numbers of records and intents, calls, and flows. */
async function footprint() {
  const { Count: rows } = await documents.send(
    new ScanCommand({ TableName: tables.get('records'), Select: 'COUNT' }),
  );
  const count = async (kind: string) => {
    const response = await fetch(`${system().platformUrl}/v1/${kind}`);
    return placedSchema.parse(await response.json()).result.length;
  };
  return { rows, calls: await count('calls'), flows: await count('flows') };
}

/** Returns the result of `work`, and the lines that were logged while it ran. */
async function logged<Result>(work: () => Promise<Result>): Promise<{ result: Result; lines: string[] }> {
  const before = system().logs.length;
  const result = await work();
  return { result, lines: system().logs.slice(before) };
}

const requestLine = z.looseObject({
  level: z.enum(['info', 'warn', 'error']),
  request_id: z.string(),
  route: z.string(),
  status: z.number(),
  latency_ms: z.number(),
  cold_start: z.boolean(),
});
/**
 * Returns the functions' own lines. Lambda's runtime adds one for an error that ends an invocation, such as a
 * 401.
 */
function requestLinesIn(lines: string[]) {
  return lines
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))
    .filter((line) => 'Function' in line)
    .map((line) => requestLine.parse(line));
}

describe('the gateway', () => {
  test('admits the requests that the attacks are derived from', async () => {
    expect((await send({ path: `${LIST}?token=${token}` })).status).toBe(200);
    expect((await send({ path: LIST, headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await send({ path: `${LIST}?accesskey=${ACCESS_KEYS.good}` })).status).toBe(200);
  });

  test.each(attacksOn(KEY))('rejects $name with $rejection, for $why', async ({ rejection, sent }) => {
    const request = requestOf(sent);
    const { result: response, lines } = await logged(() => send(request));
    const { status, reason, requestId } = errorOf(response);
    expect(leaksIn(lines, sent)).toEqual([]);
    if (bytesOf(request) > GATEWAY_HEADER_BYTES - 200) {
      expect({ status, reason }).toEqual({ status: 431, reason: 'INVALID_ARGUMENT' });
      return;
    }
    const expected = rejection === 401 ? '401 AUTHENTICATION_REQUIRED' : rejection;
    expect(`${status} ${reason}`).toBe(expected);
    expect(requestLinesIn(lines).map(({ request_id }) => request_id)).toContain(requestId);
  });

  test.each([
    [
      'in the body',
      { method: 'POST', path: LIST, headers: JSON_TYPE, body: JSON.stringify({ ...EXAMPLE_BODY, token }) },
    ],
    ['in the body of a GET', { path: LIST, headers: JSON_TYPE, body: JSON.stringify({ token }) }],
    ['as a path', { path: `${LIST}/${token}` }],
    ['as user information', { path: LIST, headers: { 'X-Forwarded-User': token } }],
  ])('does not accept a token %s', async (_what, request) => {
    expect(errorOf(await send(request))).toMatchObject({ status: 401, reason: 'AUTHENTICATION_REQUIRED' });
  });
});

describe('unacceptable input causes no call and no row:', () => {
  const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
    ({ method: 'POST', path: LIST, headers, body }) satisfies RawRequest;
  const example = JSON.stringify(EXAMPLE_BODY);
  const rejected: [string, RawRequest, number, string][] = [
    ['not JSON', post('{'), 400, 'INVALID_JSON_BODY'],
    ['no body', post(''), 400, 'INVALID_JSON_BODY'],
    ['no content type', post(example, {}), 400, 'INVALID_ARGUMENT'],
    ['text', post(example, { 'Content-Type': 'text/plain' }), 400, 'INVALID_ARGUMENT'],
    ['a form', post('a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }), 400, 'INVALID_ARGUMENT'],
    [
      'multipart',
      post(example, { 'Content-Type': 'multipart/form-data; boundary=x' }),
      400,
      'INVALID_ARGUMENT',
    ],
    ['100,000 brackets', post('['.repeat(50_000) + ']'.repeat(10_000)), 400, 'INVALID_JSON_BODY'],
    ['over 64 KiB', post(`{"a":"${'x'.repeat(66_000)}"}`), 413, 'REQUEST_TOO_LARGE'],
    ['over what the gateway takes', post('x'.repeat(10 * 1024 * 1024 + 1)), 413, 'REQUEST_TOO_LARGE'],
    [
      '__proto__ with the provider',
      post(
        JSON.stringify({ destinations: EXAMPLE_BODY.destinations }).replace(
          '{',
          `{"__proto__":{"provider_id":"${IDS.provider}"},`,
        ),
      ),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'a field named constructor',
      post(JSON.stringify({ ...EXAMPLE_BODY, constructor: {} })),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'a duplicate key, invalid the second time',
      post(example.replace(/}$/, ',"destinations":[]}')),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'metadata',
      post(JSON.stringify({ ...EXAMPLE_BODY, metadata: { skip_source_validation: true } })),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'another customer',
      post(JSON.stringify({ ...EXAMPLE_BODY, customer_id: IDS.otherCustomer })),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'an unknown provider',
      post(JSON.stringify({ ...EXAMPLE_BODY, provider_id: IDS.otherProvider })),
      400,
      'PROVIDER_NOT_FOUND',
    ],
    ['page_size=abc', { path: `${LIST}?page_size=abc` }, 400, 'INVALID_ARGUMENT'],
    ['an unknown filter', { path: `${LIST}?provider=${IDS.provider}` }, 400, 'INVALID_ARGUMENT'],
    ['a filter named __proto__', { path: `${LIST}?__proto__=x` }, 400, 'INVALID_ARGUMENT'],
    ['a filter named constructor', { path: `${LIST}?constructor=x` }, 400, 'INVALID_ARGUMENT'],
    ['a forged page token', { path: `${LIST}?page_token=eyJpZCI6MX0` }, 400, 'INVALID_ARGUMENT'],
    ['an id that is not a UUID', { path: `${LIST}/abc` }, 400, 'INVALID_ID'],
    ['an id that climbs', { path: `${LIST}/..%2f..%2fetc%2fpasswd` }, 400, 'INVALID_ID'],
    ['an id of every record', { path: `${LIST}/*` }, 400, 'INVALID_ID'],
    ['an unknown method', { method: 'PATCH', path: LIST }, 404, 'ROUTE_NOT_FOUND'],
    ['an unknown path', { path: '/v1.0/providercall' }, 404, 'ROUTE_NOT_FOUND'],
    ['the root', { path: '/' }, 404, 'ROUTE_NOT_FOUND'],
    ['a broken escape', { path: `${LIST}/%zz` }, 400, 'INVALID_ARGUMENT'],
  ];

  test.each(rejected)('%s', async (_what, request, status, reason) => {
    const before = await footprint();
    expect(errorOf(await authorized(request))).toMatchObject({ status, reason });
    expect(await footprint()).toEqual(before);
  });

  test('any path, query, headers and body', async () => {
    const before = await footprint();
    const segment = fc.oneof(
      fc.constantFrom(
        'v1.0',
        'v1',
        'providercalls',
        'providers',
        'calls',
        'flows',
        '..',
        '%2e%2e',
        '*',
        '$',
        '{id}',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.stringMatching(/^[!-"$-.0->@-~]{1,12}$/),
    );
    const path = fc.oneof(
      fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
      segment.map((id) => `${LIST}/${id}`),
    );
    const query = fc.array(
      fc.tuple(fc.constantFrom('page_size', 'page_token', 'provider_id', 'x', '__proto__'), segment),
      { maxLength: 3 },
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'Content-Type',
        'X-Request-Id',
        'Idempotency-Key',
        'Origin',
        'X-HTTP-Method-Override',
        'X-Forwarded-For',
      ),
      fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
    );
    const request = fc.record({
      method: fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'POST'),
      path: fc
        .tuple(path, query)
        .map(([start, pairs]) =>
          pairs.length === 0
            ? start
            : `${start}?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
        ),
      headers,
      body: fc.oneof(fc.json(), fc.string()),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ body, ...rest }) => {
        const response = await authorized({ ...rest, ...(rest.method === 'POST' && { body }) });
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400) errorOf(response);
      }),
      { seed: 1215, numRuns: 150 },
    );
    expect(await footprint()).toEqual(before);
  });
});

describe('the request id', () => {
  test('is the client’s own, or the gateway’s if that is not acceptable', async () => {
    const own = await authorized({ path: LIST, headers: { 'X-Request-Id': 'client-request-7' } });
    expect(own.headers['x-request-id']).toBe('client-request-7');
    const other = await authorized({ path: LIST, headers: { 'X-Request-Id': 'no good\tid' } });
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('of a response that the gateway creates is the gateway’s', async () => {
    const response = await send({ path: LIST, headers: { 'X-Request-Id': 'client-request-7' } });
    expect(errorOf(response).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('a customer cannot read or delete anything of another’s', async () => {
  const place = (as: string, headers: Record<string, string> = {}) =>
    send({
      method: 'POST',
      path: LIST,
      headers: { ...JSON_TYPE, ...headers, Authorization: `Bearer ${as}` },
      body: JSON.stringify(EXAMPLE_BODY),
    });
  const idOf = ({ body }: RawResponse) => z.object({ id: z.string() }).parse(JSON.parse(body)).id;
  const other = goodToken(KEY, {
    agent: { id: IDS.otherAgent, customer_id: IDS.otherCustomer, permission: 0xffff },
  });
  const asOther = { Authorization: `Bearer ${other}` };
  const record = idOf(await place(token, { 'Idempotency-Key': 'shared' }));

  expect(errorOf(await send({ path: `${LIST}/${record}`, headers: asOther }))).toMatchObject({
    status: 404,
    reason: 'PROVIDERCALL_NOT_FOUND',
  });
  expect(errorOf(await send({ method: 'DELETE', path: `${LIST}/${record}`, headers: asOther })).status).toBe(
    404,
  );
  for (const query of [
    '',
    `?provider_id=${IDS.provider}`,
    `?page_token=${encodeURIComponent(`9999-01-01 00:00:00.000000,${record}`)}`,
  ]) {
    expect((await send({ path: `${LIST}${query}`, headers: asOther })).body).toBe(
      '{"result":[],"next_page_token":""}',
    );
  }
  const theirs = await place(other, { 'Idempotency-Key': 'shared' });
  expect(theirs.headers['idempotent-replayed']).toBeUndefined();
  expect(idOf(theirs)).not.toBe(record);
  expect((await authorized({ path: `${LIST}/${record}` })).status).toBe(200);
});

test('no log line has a credential, a telephone number or a query string, however a request fails', async () => {
  const digits = ['14155550173', '821012345678', '4930901820'];
  const written = [
    '+14155550173',
    '+1 (415) 555-0173',
    '+82-10-1234-5678',
    '0049 30 901820',
    'tel:+1.415.555.0173',
  ];
  const bodies = written.flatMap((number) => [
    JSON.stringify({
      ...EXAMPLE_BODY,
      source: { type: 'tel', target: number },
      destinations: [{ type: 'tel', target: number }],
    }),
    JSON.stringify({ ...EXAMPLE_BODY, source: { type: 'tel', target: number, target_name: 1 } }),
    JSON.stringify({ ...EXAMPLE_BODY, [number]: 1 }),
    JSON.stringify({ ...EXAMPLE_BODY, [token]: 1, [ACCESS_KEYS.good]: 2 }),
    JSON.stringify({ ...EXAMPLE_BODY, provider_id: number }),
    `{"token": ${token}, "to": "${number}"}`,
    `{"to": ${number}}`,
    `${ACCESS_KEYS.good} ${number}`,
  ]);
  const { lines } = await logged(async () => {
    for (const body of bodies) {
      await authorized({ method: 'POST', path: LIST, headers: JSON_TYPE, body });
      await send({ method: 'POST', path: `${LIST}?accesskey=${ACCESS_KEYS.good}`, headers: JSON_TYPE, body });
    }
    for (const number of written) {
      const text = encodeURIComponent(number);
      await authorized({ path: `${LIST}/${text}` });
      await authorized({ path: `${LIST}?provider_id=${text}&page_token=${text}` });
      await send({ path: `${LIST}?token=${token}&to=${text}` });
      await send({ path: `${LIST}/${token}?accesskey=${ACCESS_KEYS.revoked}` });
      await send({ path: `${LIST}?token=${ACCESS_KEYS.good}&accesskey=${token}` });
    }
  });
  expect(leaksIn(lines, { query: { token: [token], accesskey: Object.values(ACCESS_KEYS) } })).toEqual([]);
  // The seven digits of a number before its last two, with any separators.
  const numbers = digits.map((number) => new RegExp([...number].slice(-9, -2).join('[^0-9"]{0,3}')));
  expect(lines.filter((line) => numbers.some((number) => number.test(line)))).toEqual([]);
  expect(lines.filter((line) => /\?|page_token=|token%|accesskey=/.test(line))).toEqual([]);
  expect(requestLinesIn(lines).length).toBeGreaterThan(bodies.length);
});
