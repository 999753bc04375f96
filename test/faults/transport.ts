import { inject } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    transport?: 'http' | 'amqp';
  }
}

/** How the functions reach the backends in this run; vitest's project says it. */
export const transport = inject('transport') ?? 'http';

/**
 * Whether the suites try samples only: over a broker each schedule takes several times as long. `FAULTS_EXHAUSTIVE=1` tries
 * everything there as well.
 */
export const isSampled = transport === 'amqp' && process.env['FAULTS_EXHAUSTIVE'] === undefined;

/** Milliseconds for which a manager may be at work on a request that it has taken. */
export const MAX_PROCESSING = 600_000;

/** By how much clocks may differ, on both sides of the time in which a backend without keys can have placed calls. */
const MAX_CLOCK_SKEW = 30_000;

/** Milliseconds after which nothing of a create can happen any more, so that reconcile knows what became of it. */
export const SETTLED_AFTER =
  transport === 'amqp'
    ? TIME_LIMITS.intentLifetime + MAX_PROCESSING + 2 * MAX_CLOCK_SKEW
    : TIME_LIMITS.intentLifetime;
