/**
 * The times, in milliseconds, on which "never a second call" rests. They are counted from the intent's `tm_create`:
 * a create that has not begun to place its calls by `dialWithin` gives up, and what it then sent has failed or
 * succeeded `callBackend` later. Lambda ends it at `create`, whatever it is at. Only after `intentLifetime`, with room
 * for clocks that differ, does anyone else touch the intent.
 */
export const timeLimits = {
  routeBackend: 3_000,
  flowBackend: 4_000,
  callBackend: 10_000,
  dialWithin: 10_000,
  create: 28_000,
  intentLifetime: 60_000,
  /** How long reconcile waits before it asks again about what it could not settle. */
  settleAgainAfter: 5 * 60_000,
  /** From when on what is still not settled is a matter for an operator. */
  operatorAfter: 24 * 60 * 60_000,
} as const;
