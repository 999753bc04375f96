import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { onlyValue, parseInput, pathIdOf } from '../../../functions/http/parse-input.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { IDS } from '../provider-calls/sample-record.ts';
import { errorOf, request } from './sample-request.ts';

describe('the id in the path', () => {
  test('is passed on in lower case', () => {
    expect(pathIdOf(request({ path: { id: IDS.record.toUpperCase() } }))).toBe(IDS.record);
    expect(pathIdOf(request({ path: { id: NIL_UUID } }))).toBe(NIL_UUID);
  });

  test.each([[{}], [{ id: '' }], [{ id: '1' }], [{ id: `${IDS.record} ` }], [{ id: '../providers' }]])(
    '%j is INVALID_ID',
    (path) => {
      expect(errorOf(() => pathIdOf(request({ path })))).toEqual({
        reason: 'INVALID_ID',
        status: 400,
        details: [{ field: 'id', message: expect.any(String) }],
      });
    },
  );
});

test('two values under a name are rejected', () => {
  expect(onlyValue([], 'name')).toBeUndefined();
  expect(onlyValue(['a'], 'name')).toBe('a');
  expect(errorOf(() => onlyValue(['a', 'a'], 'name'))).toEqual({
    reason: 'INVALID_ARGUMENT',
    status: 400,
    details: [{ field: 'name', message: 'must be given once' }],
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

  test('repeats no value, at most 100 characters of a name, and at most twenty faults', () => {
    const names = Array.from({ length: 30 }, (_, index) => `${'n'.repeat(500)}${index}`);
    const faults = details({ a: { list: [] }, ...Object.fromEntries(names.map((name) => [name, 'secret'])) });
    expect(faults).toHaveLength(20);
    expect(JSON.stringify(faults)).not.toContain('secret');
    expect(JSON.stringify(faults[0]).length).toBeLessThan(200);
  });
});
