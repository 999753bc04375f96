import type { Timestamp } from '../flavor.ts';
import { timestampMilliseconds } from '../timestamp.ts';
import { type Period, TIME_LIMITS } from './ports.ts';

/** By how much the clocks of the functions and of the platform's managers may differ, in milliseconds. */
const MAX_CLOCK_SKEW = 30_000;

/**
 * Returns the period in which a backend that knows no keys can have created what an attempt asked it for. A request expires in
 * its queue within `intentLifetime`; a manager that took it before may be at work on it for another `maxProcessing`
 * milliseconds. Until the period is over, to find nothing proves nothing.
 */
export function creationPeriod({ createdAt }: { createdAt: Timestamp }, maxProcessing: number): Period {
  const start = timestampMilliseconds(createdAt);
  return {
    from: start - MAX_CLOCK_SKEW,
    to: start + TIME_LIMITS.intentLifetime + maxProcessing + MAX_CLOCK_SKEW,
  };
}
