import type { Throttle } from '../template/rest-api.ts';

/** Counts requests against a rate. */
export type TokenBucket = { take(): boolean };

/**
 * A bucket of `burstLimit` tokens that fills at `rateLimit` a second, as API Gateway counts requests.
 *
 * @param now milliseconds on a clock that never goes back
 */
export function createTokenBucket({ rateLimit, burstLimit }: Throttle, now: () => number): TokenBucket {
  let tokens = burstLimit;
  let filledAt = now();
  return {
    take() {
      const at = now();
      tokens = Math.min(burstLimit, tokens + ((at - filledAt) / 1000) * rateLimit);
      filledAt = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
