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

  test('that names the constructor changes no other object', () => {
    read('{"constructor":{"prototype":{"polluted":true}}}');
    expect({}).not.toHaveProperty('polluted');
  });

  test.each([
    ['a key twice', '{"a":1,"a":2}', 'a'],
    ['a key twice with the same value', '{"a":1,"a":1}', 'a'],
    ['a key twice, once escaped', '{"anonymous":"yes","\\u0061nonymous":"no"}', 'anonymous'],
    ['a key twice in a list', '[{"b":[{"a":1,"a":2}]}]', 'a'],
    ['a key twice around an object', '{"a":{"a":1},"a":2}', 'a'],
    ['the empty key twice', '{"":1,"":2}', ''],
    ['a key with a quote twice', '{"\\"":1,"\\u0022":2}', '"'],
    ['a key twice with white space before the colon', '{"a" \n:1,"a"\t:2}', 'a'],
    ['__proto__', '{"__proto__":{"a":1}}', '__proto__'],
    ['__proto__ within, escaped', '{"a":[{"__pr\\u006fto__":null}]}', '__proto__'],
  ])('that names %s is rejected', (_what, text, field) => {
    expect(errorOf(() => read(text))).toEqual({
      reason: 'INVALID_ARGUMENT',
      status: 400,
      details: [{ field, message: 'is a duplicate or reserved key' }],
    });
  });

  test.each([
    ['one key in two objects', '[{"a":1},{"a":2}]'],
    ['one key at two depths', '{"a":{"a":{"a":1}}}'],
    ['keys that differ in case', '{"a":1,"A":2}'],
    ['a value that is a key', '{"a":"b","b":"a"}'],
    ['what looks like members within text', '{"a":"{\\"a\\":1,\\"a\\":2}"}'],
  ])('with %s is parsed', (_what, text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['9007199254740993'],
    ['12345678901234567890'],
    ['1e999'],
    ['-1e999'],
    ['1e-400'],
    ['0.1000000000000000055'],
    ['3.14159265358979323846'],
    ['1.23456789012345e-320'],
  ])('with the number %s, which a double cannot hold, is rejected', (number) => {
    expect(errorOf(() => read(`{"a":[${number}]}`))).toEqual({
      reason: 'INVALID_ARGUMENT',
      status: 400,
      details: [{ field: 'body', message: 'has a number that a double cannot hold' }],
    });
  });

  test.each([
    ['0'],
    ['-0'],
    ['0.0'],
    ['0e5'],
    ['1.0'],
    ['1E2'],
    ['0.1'],
    ['9007199254740992'],
    ['0.30000000000000004'],
    ['5e-324'],
    ['1.7976931348623157e308'],
    ['-12.50'],
  ])('with the number %s is parsed', (number) => {
    expect(read(`{"a":[${number}]}`)).toEqual({ a: [Number(number)] });
  });

  test('with U+FFFD, raw or escaped, in a key or a value, is rejected', () => {
    for (const text of ['{"a":"M\ufffdller"}', '{"a\ufffd":1}', '{"a":"M\\ufffdller"}', '["\\uFFFD"]']) {
      expect(errorOf(() => read(text))).toEqual({ reason: 'INVALID_JSON_BODY', status: 400, details: [] });
    }
    expect(read('{"a":"\\\\ufffd"}')).toEqual({ a: '\\ufffd' });
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
        if (/__proto__|\ufffd/.test(text)) return;
        expect(read(text)).toEqual(expected);
      }),
      { seed: 3484 },
    );
  });
});
