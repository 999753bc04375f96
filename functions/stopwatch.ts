/**
 * Starts a stopwatch: what is given tells the milliseconds since. On `process.hrtime`, as the first touch of the global
 * `performance` loads a module of Node's, which costs a cold start a millisecond and more.
 */
export const startStopwatch = (): (() => number) => {
  const startedAt = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - startedAt) / 1e6;
};
