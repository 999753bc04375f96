import { expect, test } from 'vitest';
import { headersOf } from '../../../functions/http/repeated-values.ts';

test('header values are collected under their lower-case name', () => {
  expect([...headersOf({ 'X-A': ['1'], 'x-a': ['2', '3'], B: undefined })]).toEqual([
    ['x-a', ['1', '2', '3']],
    ['b', []],
  ]);
  expect([...headersOf(null)]).toEqual([]);
});
