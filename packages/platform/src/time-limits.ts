/** How long a call may take, milliseconds: to its answer, and from there to its end. */
export const defaultTimeLimits = { dialTimeoutMs: 60_000, maxDurationMs: 24 * 3600 * 1000 } as const;
