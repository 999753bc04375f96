import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  hashIdempotencyKey,
  idempotencyKeySchema,
} from '../../../functions/provider-calls/idempotency-key.ts';

test.each([['a'], ['!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~'], ['k'.repeat(255)]])('%s is a key', (key) => {
  expect(idempotencyKeySchema.parse(key)).toBe(key);
});

test.each([[''], [' '], ['a b'], ['a\n'], ['a\u0000'], ['\u007f'], ['é'], ['k'.repeat(256)]])(
  '%j is none',
  (key) => {
    expect(z.safeParse(idempotencyKeySchema, key).success).toBe(false);
  },
);

test('is stored as its SHA-256', () => {
  expect(hashIdempotencyKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
