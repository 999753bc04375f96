import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type ApiRequest, headersOf } from '../../../functions/http/api-request.ts';
import { errorResponse, platformErrorOf } from '../../../functions/http/error-response.ts';
import { idempotencyKeyOf } from '../../../functions/http/idempotency-key-header.ts';
import { bodyLimits, readJsonBody } from '../../../functions/http/json-body.ts';
import { listRequestOf } from '../../../functions/http/list-request.ts';
import { onlyValue } from '../../../functions/http/only-value.ts';
import { parseInput } from '../../../functions/http/parse-input.ts';
import { recordIdOf } from '../../../functions/http/record-id.ts';
import { requestIdOf } from '../../../functions/http/request-id.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { nilUuid } from '../../../functions/uuid.ts';
import { createdAt, ids } from '../provider-calls/sample-record.ts';

type Sent = {
  headers?: Record<string, string[]>;
  query?: Record<string, string[]>;
  path?: Record<string, string>;
  text?: string;
  isBase64?: boolean;
};

const request = ({ headers = {}, query = {}, path = {}, text = '', isBase64 = false }: Sent): ApiRequest => ({
  scope: createRequestScope('request-1'),
  caller: { customerId: ids.customer, actor: { type: 'agent', id: ids.agent } },
  method: 'POST',
  resource: '/v1.0/providercalls',
  path,
  query: (name) => query[name] ?? [],
  header: (name) => headers[name] ?? [],
  body: { text, isBase64 },
});

const errorOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof PlatformError) {
      return { reason: error.reason, status: error.httpStatus, details: error.details };
    }
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('the request id', () => {
  test.each([
    ['the client’s own', ['abc-DEF_123'], 'abc-DEF_123'],
    ['one of 64 characters', ['a'.repeat(64)], 'a'.repeat(64)],
    ['the gateway’s where none was sent', [], 'gateway-1'],
    ['the gateway’s for an empty one', [''], 'gateway-1'],
    ['the gateway’s for one of 65 characters', ['a'.repeat(65)], 'gateway-1'],
    ['the gateway’s for one with a space', ['a b'], 'gateway-1'],
    ['the gateway’s for one with a line feed', ['a\n'], 'gateway-1'],
    ['the gateway’s for two', ['a', 'b'], 'gateway-1'],
    ['the gateway’s for another letter', ['é'], 'gateway-1'],
  ])('is %s', (_what, sent, id) => {
    expect(requestIdOf(sent, 'gateway-1')).toBe(id);
  });
});

test('header values come together under their name in lower case', () => {
  expect([...headersOf({ 'X-A': ['1'], 'x-a': ['2', '3'], B: undefined })]).toEqual([
    ['x-a', ['1', '2', '3']],
    ['b', []],
  ]);
  expect([...headersOf(null)]).toEqual([]);
});

describe('the id in the path', () => {
  test('is given on in lower case', () => {
    expect(recordIdOf(request({ path: { id: ids.record.toUpperCase() } }))).toBe(ids.record);
    expect(recordIdOf(request({ path: { id: nilUuid } }))).toBe(nilUuid);
  });

  test.each([[{}], [{ id: '' }], [{ id: '1' }], [{ id: `${ids.record} ` }], [{ id: '../providers' }]])(
    '%j is INVALID_ID',
    (path) => {
      expect(errorOf(() => recordIdOf(request({ path })))).toEqual({
        reason: 'INVALID_ID',
        status: 400,
        details: [{ field: 'id', message: expect.any(String) }],
      });
    },
  );
});

test('of two values under a name neither counts', () => {
  expect(onlyValue([], 'name')).toBeUndefined();
  expect(onlyValue(['a'], 'name')).toBe('a');
  expect(errorOf(() => onlyValue(['a', 'a'], 'name'))).toEqual({
    reason: 'INVALID_ARGUMENT',
    status: 400,
    details: [{ field: 'name', message: 'must be given once' }],
  });
});

describe('the Idempotency-Key', () => {
  const keyOf = (...keys: string[]) => idempotencyKeyOf(request({ headers: { 'idempotency-key': keys } }));

  test('is taken as it is, and may be absent', () => {
    expect(keyOf('a!~')).toBe('a!~');
    expect(keyOf()).toBeUndefined();
  });

  test.each([[['']], [['a b']], [['é']], [['k'.repeat(256)]], [['a', 'a']]])('%j is refused', (keys) => {
    expect(errorOf(() => keyOf(...keys))).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      details: [{ field: 'Idempotency-Key' }],
    });
  });
});

describe('the list’s query', () => {
  test('may be empty, and an empty parameter is none', () => {
    const none = { pageSize: 100, after: undefined, providerId: undefined };
    expect(listRequestOf(request({}))).toEqual(none);
    expect(
      listRequestOf(request({ query: { page_size: [''], page_token: [''], provider_id: [''] } })),
    ).toEqual(none);
  });

  test('is read', () => {
    const query = {
      page_size: ['7'],
      page_token: [`${createdAt},${ids.record}`],
      provider_id: [ids.provider.toUpperCase()],
    };
    expect(listRequestOf(request({ query }))).toEqual({
      pageSize: 7,
      after: { createdAt, id: ids.record },
      providerId: ids.provider,
    });
  });

  test.each([
    ['1', 1],
    ['100', 100],
    ['0', 100],
    ['101', 100],
    ['-5', 100],
    ['007', 7],
    ['999999999999999', 100],
  ])('page_size=%s is %i', (text, pageSize) => {
    expect(listRequestOf(request({ query: { page_size: [text] } })).pageSize).toBe(pageSize);
  });

  test.each([
    ['page_size', ['abc']],
    ['page_size', ['1.5']],
    ['page_size', ['1e1']],
    ['page_size', ['0x10']],
    ['page_size', [' 1']],
    ['page_size', ['10', '10']],
    ['page_size', ['9'.repeat(400)]],
    ['page_token', ['abc']],
    ['page_token', [createdAt, createdAt]],
    ['provider_id', ['telnyx']],
    ['provider_id', [nilUuid]],
    ['provider_id', [ids.provider, ids.provider]],
  ])('%s=%j is refused', (field, values) => {
    expect(errorOf(() => listRequestOf(request({ query: { [field]: values } })))).toEqual({
      reason: 'INVALID_ARGUMENT',
      status: 400,
      details: [{ field, message: expect.any(String) }],
    });
  });
});

describe('the body', () => {
  const json = { 'content-type': ['application/json'] };
  const read = (text: string, sent: Sent = {}) => readJsonBody(request({ headers: json, text, ...sent }));
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test.each([
    ['application/json'],
    ['Application/JSON'],
    ['application/json;charset=utf-8'],
    ['application/json; charset="UTF-8"'],
  ])('is taken as %s', (type) => {
    expect(read('{"a":1}', { headers: { 'content-type': [type] } })).toEqual({ a: 1 });
  });

  test.each([
    ['none', []],
    ['empty', ['']],
    ['text', ['text/plain']],
    ['a form', ['application/x-www-form-urlencoded']],
    ['another JSON', ['application/json-patch+json']],
    ['another charset', ['application/json; charset=utf-16']],
    ['two', ['application/json', 'application/json']],
    ['two in one', ['application/json, text/plain']],
  ])('is refused when its content type is %s', (_what, types) => {
    expect(errorOf(() => read('{}', { headers: { 'content-type': types } }))).toEqual({
      reason: 'INVALID_ARGUMENT',
      status: 400,
      details: [{ field: 'Content-Type', message: 'must be application/json' }],
    });
  });

  test.each([
    [''],
    ['{'],
    ['{a:1}'],
    ['{"a":1}}'],
    ['\ufeff{}'],
    ['NaN'],
    ["{'a':1}"],
    ['{"a":01}'],
    ['{"a":1,}'],
    ['"\n"'],
  ])('%j is not JSON', (text) => {
    expect(errorOf(() => read(text))).toEqual({ reason: 'INVALID_JSON_BODY', status: 400, details: [] });
  });

  test('comes in base64 where the gateway says so', () => {
    expect(read(Buffer.from('{"a":"é"}').toString('base64'), { isBase64: true })).toEqual({ a: 'é' });
    const latin1 = Buffer.from('{"a":"é"}', 'latin1').toString('base64');
    expect(errorOf(() => read(latin1, { isBase64: true })).reason).toBe('INVALID_JSON_BODY');
  });

  test('may have 64 KiB, counted in bytes', () => {
    const ofBytes = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`;
    expect(read(ofBytes(bodyLimits.bytes))).toHaveLength(bodyLimits.bytes / 2 - 1);
    expect(errorOf(() => read(ofBytes(bodyLimits.bytes + 2)))).toMatchObject({
      reason: 'REQUEST_TOO_LARGE',
      status: 413,
    });
  });

  test('may nest 32 deep, and brackets within text do not count', () => {
    expect(read(nested(32))).toBeInstanceOf(Array);
    expect(errorOf(() => read(nested(33))).reason).toBe('INVALID_JSON_BODY');
    expect(errorOf(() => read(nested(30_000))).reason).toBe('INVALID_JSON_BODY');
    expect(errorOf(() => read('{"a":'.repeat(10_000))).reason).toBe('INVALID_JSON_BODY');
    expect(read(JSON.stringify({ a: '['.repeat(100), '\\"[[[': '\\' }))).toEqual({
      a: '['.repeat(100),
      '\\"[[[': '\\',
    });
  });

  test('that names __proto__ changes no other object', () => {
    read('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect({}).not.toHaveProperty('polluted');
  });

  test('gives any JSON within the limits, and one error for anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 4 }), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(errorOf(() => read(text)).reason).toBe('INVALID_JSON_BODY');
          return;
        }
        expect(read(text)).toEqual(expected);
      }),
    );
  });
});

describe('a fault in the input', () => {
  const schema = z.strictObject({ a: z.object({ list: z.array(z.string()) }), size: z.optional(z.number()) });
  const details = (input: unknown) => errorOf(() => parseInput(schema, input, 'body')).details;

  test.each([
    ['names the whole where that is at fault', null, ['body']],
    ['names a field', { a: { list: [] }, size: '1' }, ['size']],
    ['names a place in a list', { a: { list: ['x', 1] } }, ['a.list[1]']],
    ['names an unknown field', { a: { list: [] }, other: 1 }, ['other']],
    ['names all of several', { a: {}, x: 1, y: 2 }, ['a.list', 'x', 'y']],
  ])('%s', (_what, input, fields) => {
    expect(details(input)).toEqual(fields.map((field) => ({ field, message: expect.any(String) })));
  });

  test('repeats no value, only so much of a name, and not more than twenty', () => {
    const names = Array.from({ length: 30 }, (_, index) => `${'n'.repeat(500)}${index}`);
    const faults = details({ a: { list: [] }, ...Object.fromEntries(names.map((name) => [name, 'secret'])) });
    expect(faults).toHaveLength(20);
    expect(JSON.stringify(faults)).not.toContain('secret');
    expect(JSON.stringify(faults[0]).length).toBeLessThan(200);
  });
});

describe('an error’s answer', () => {
  test('is the envelope', () => {
    const error = new PlatformError('PROVIDER_NOT_FOUND', 'Choose another.', {
      details: [{ field: 'provider_id', message: 'names no current provider' }],
      cause: new Error('inner'),
    });
    expect(errorResponse(error, 'request-1')).toEqual({
      statusCode: 400,
      headers: {},
      body: JSON.stringify({
        error: {
          status: 'INVALID_ARGUMENT',
          reason: 'PROVIDER_NOT_FOUND',
          message: 'Choose another.',
          request_id: 'request-1',
          details: [{ field: 'provider_id', message: 'names no current provider' }],
        },
      }),
    });
  });

  test('has no details where there is nothing to say', () => {
    const { body } = errorResponse(new PlatformError('INTERNAL', 'x'), 'request-1');
    expect(Object.keys(JSON.parse(body).error)).toEqual(['status', 'reason', 'message', 'request_id']);
  });

  test('says when to come again, and that a record is unconfirmed', () => {
    const busy = new PlatformError('REQUEST_IN_PROGRESS', 'x', { retryAfterSeconds: 5 });
    expect(errorResponse(busy, 'request-1').headers).toEqual({ 'Retry-After': '5' });
    const unknown = new PlatformError('CALL_OUTCOME_UNKNOWN', 'x', {
      details: [{ providercall_id: ids.record }],
    });
    expect(errorResponse(unknown, 'request-1').headers).toEqual({ 'X-ProviderCall-State': 'unconfirmed' });
  });

  test.each([
    ['an error of our own', new TypeError('x is undefined'), 'INTERNAL', 500],
    ['what is no error', 'odd', 'INTERNAL', 500],
    ['a bad parse of an item', new SyntaxError('no'), 'INTERNAL', 500],
    [
      'DynamoDB that throttles',
      Object.assign(new Error('x'), { name: 'ThrottlingException' }),
      'SERVICE_UNAVAILABLE',
      503,
    ],
    [
      'DynamoDB that cannot be reached',
      Object.assign(new Error('x'), { syscall: 'connect' }),
      'SERVICE_UNAVAILABLE',
      503,
    ],
    ['time that ran out', Object.assign(new Error('x'), { name: 'TimeoutError' }), 'REQUEST_TIMEOUT', 503],
  ])('for %s tells nothing of it', (_what, error, reason, status) => {
    const told = platformErrorOf(error);
    expect({ reason: told.reason, status: told.httpStatus, cause: told.cause }).toEqual({
      reason,
      status,
      cause: error,
    });
    expect(told.message).not.toContain('x is undefined');
  });
});
