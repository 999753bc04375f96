import { expect, test } from 'vitest';
import { isObject, jsonIn } from '../src/page/json-text.ts';

test.each([
  ['{"a":1}', { a: 1 }, true],
  ['{}', {}, true],
  ['[]', [], false],
  ['null', null, false],
  ['"a"', 'a', false],
  ['{', undefined, false],
  ['', undefined, false],
])('%s is read as %o', (text, value, hasFields) => {
  expect(jsonIn(text)).toEqual(value);
  expect(isObject(jsonIn(text))).toBe(hasFields);
});
