import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasUniqueKeys } from '../../../functions/auth/unique-keys.ts';

test.each([
  ['{}'],
  ['[]'],
  ['"a"'],
  ['{"a":1,"b":{"a":1}}'],
  ['[{"a":1},{"a":2}]'],
  ['{"a":"\\"b\\":1","b":2}'],
  ['{"a":":", "b" : ":"}'],
  ['{"a":["x","y"],"b":"c"}'],
  ['{"__proto__":1,"constructor":2}'],
])('%s names each key once', (text) => {
  expect(hasUniqueKeys(text)).toBe(true);
});

test.each([
  ['{"a":1,"a":1}'],
  ['{"a":1,"\\u0061":2}'],
  ['{"b":{"a":1,"a":2}}'],
  ['[{"a":1,"a":2}]'],
  ['{"a" : 1 , "a"\n:2}'],
  ['{"__proto__":1,"__proto__":2}'],
  ['{"":1,"":2}'],
  ['{"a\\"b":1,"a\\"b":2}'],
])('%s names a key twice', (text) => {
  expect(hasUniqueKeys(text)).toBe(false);
});

test('whatever JSON.stringify writes has unique keys', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', 2), (text, space) => {
      expect(hasUniqueKeys(JSON.stringify(JSON.parse(text), null, space))).toBe(true);
    }),
    { seed: 4799 },
  );
});

test.each([[''], ['{'], ['{a:1}'], ["{'a':1}"], ['{"a":1}x'], ['\ufeff{}']])('%j is not JSON', (text) => {
  expect(() => hasUniqueKeys(text)).toThrow(SyntaxError);
});
