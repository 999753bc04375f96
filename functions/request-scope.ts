import type { MetricName, Metrics } from './log/metrics.ts';

/** What belongs to one request and accompanies it through all layers: its id, and what its log line will report. */
export type RequestScope = {
  /** 1–64 characters of A–Z, a–z, 0–9, _ and -. Sent to the backends, logged and returned to the client. */
  requestId: string;
  /** Runs the work and adds its milliseconds to what `name` has taken so far. */
  measure<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Notes what went wrong without deciding the response, such as a clean-up that is left to reconcile. */
  warn(what: string, error: unknown): void;
  /** Adds to a metric of the request. */
  count(metric: MetricName, value: number): void;
  /** Milliseconds by name. */
  timings: Readonly<Record<string, number>>;
  warnings: readonly { what: string; error: unknown }[];
  metrics: Readonly<Metrics>;
};

/** Returns the scope of a new request. */
export function createRequestScope(requestId: string): RequestScope {
  const timings: Record<string, number> = {};
  const warnings: { what: string; error: unknown }[] = [];
  const metrics: Metrics = {};
  return {
    requestId,
    timings,
    warnings,
    metrics,
    measure: async (name, work) => {
      const elapsed = startStopwatch();
      try {
        return await work();
      } finally {
        timings[name] = (timings[name] ?? 0) + elapsed();
      }
    },
    warn: (what, error) => {
      warnings.push({ what, error });
    },
    count: (metric, value) => {
      metrics[metric] = (metrics[metric] ?? 0) + value;
    },
  };
}

/**
 * Starts a stopwatch and returns a function that returns the milliseconds since. On `process.hrtime`, because the first
 * use of the global `performance` loads another module of Node, which adds a millisecond or more to a cold start.
 */
export function startStopwatch(): () => number {
  const startedAt = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - startedAt) / 1e6;
}
