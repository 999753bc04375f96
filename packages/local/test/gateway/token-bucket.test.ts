import { expect, test } from 'vitest';
import { createTokenBucket } from '../../src/gateway/token-bucket.ts';

test('a token bucket admits a burst, then as many as the rate fills in, never more than the burst', () => {
  let now = 0;
  const bucket = createTokenBucket({ rateLimit: 2, burstLimit: 3 }, () => now);
  const taken = (count: number) => Array.from({ length: count }, () => bucket.take());
  expect(taken(4)).toEqual([true, true, true, false]);
  now += 499;
  expect(taken(1)).toEqual([false]);
  now += 1;
  expect(taken(2)).toEqual([true, false]);
  now += 60_000;
  expect(taken(4)).toEqual([true, true, true, false]);
});
