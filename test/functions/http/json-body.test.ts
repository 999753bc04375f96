import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, readJsonBody } from '../../../functions/http/json-body.ts';
import { errorOf, request, type Sent } from './sample-request.ts';

describe('the body', () => {
  const json = { 'content-type': ['application/json'] };
  const read = (text: string, sent: Sent = {}) => readJsonBody(request({ headers: json, text, ...sent }));
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test.each([
    ['application/json'],
    ['Application/JSON'],
    ['application/json;charset=utf-8'],
    ['application/json; charset="UTF-8"'],
  ])('is accepted as %s', (type) => {
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
  ])('is rejected when its content type is %s', (_what, types) => {
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

  test('is decoded from base64 when the gateway says so', () => {
    expect(read(Buffer.from('{"a":"é"}').toString('base64'), { isBase64: true })).toEqual({ a: 'é' });
    const latin1 = Buffer.from('{"a":"é"}', 'latin1').toString('base64');
    expect(errorOf(() => read(latin1, { isBase64: true })).reason).toBe('INVALID_JSON_BODY');
  });

  test('may have 64 KiB, counted in bytes', () => {
    const ofBytes = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`;
    expect(read(ofBytes(MAX_BODY_BYTES))).toHaveLength(MAX_BODY_BYTES / 2 - 1);
    expect(errorOf(() => read(ofBytes(MAX_BODY_BYTES + 2)))).toMatchObject({
      reason: 'REQUEST_TOO_LARGE',
      status: 413,
    });
  });

  test('may be nested 32 levels deep, and brackets within text do not count', () => {
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

  test('is any JSON within the limits, and anything else is one error', () => {
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
