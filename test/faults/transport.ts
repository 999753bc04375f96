import { inject } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    transport?: 'http' | 'amqp';
  }
}

/** How the functions reach the backends in this run, as vitest's project sets it. */
export const transport = inject('transport') ?? 'http';

/**
 * Whether the suites try only samples: over a broker each schedule takes several times as long.
 * `FAULTS_EXHAUSTIVE=1` tries everything there as well.
 */
export const isSampled = transport === 'amqp' && process.env['FAULTS_EXHAUSTIVE'] === undefined;

/** Milliseconds that a manager may spend on a request after taking it. */
export const MAX_PROCESSING = 600_000;

/**
 * Milliseconds by which clocks may differ, at either end of the period in which a backend without keys can have
 * placed calls.
 */
const MAX_CLOCK_SKEW = 30_000;

/** Milliseconds after which nothing of a create can happen any more, so that reconcile can settle it. */
export const SETTLED_AFTER =
  transport === 'amqp'
    ? TIME_LIMITS.intentLifetime + MAX_PROCESSING + 2 * MAX_CLOCK_SKEW
    : TIME_LIMITS.intentLifetime;
