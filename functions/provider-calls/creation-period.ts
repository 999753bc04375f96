import type { Timestamp } from '../flavor.ts';
import { timestampMilliseconds } from '../timestamp.ts';
import { type Period, TIME_LIMITS } from './ports.ts';

/** Milliseconds by which the clocks of the functions and of the platform's managers may differ. */
const MAX_CLOCK_SKEW = 30_000;

/**
 * Returns the period in which a backend without idempotency keys can have created what an attempt requested. A request
 * expires in its queue within `intentLifetime`; a manager that took it before that may spend another `maxProcessing`
 * milliseconds on it. Until the period is over, finding nothing proves nothing.
 */
export function creationPeriod({ createdAt }: { createdAt: Timestamp }, maxProcessing: number): Period {
  const start = timestampMilliseconds(createdAt);
  return {
    from: start - MAX_CLOCK_SKEW,
    to: start + TIME_LIMITS.intentLifetime + maxProcessing + MAX_CLOCK_SKEW,
  };
}
