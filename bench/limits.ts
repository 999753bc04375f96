import type { Limit } from './report.ts';
import type { FunctionName } from './testbed.ts';

/*
 * The limits of the ratios to the floor: a handler with the same I/O and nothing else (bench/fixtures/floor). `--check`
 * exits with 1 if a median exceeds its limit.
 */

const AUTHORIZER = '0100-the-authorizer-keeps-jose-and-node-crypto';
const EDGE = '0101-the-edge-keeps-zod-and-middy';
const LOCAL = '0102-local-requests-pay-for-isolation';

/** Limits for init, and for init plus first request, by function. */
export const MAX_COLD_RATIOS: Record<FunctionName, { init: Limit; all: Limit }> = {
  Authorize: { init: { max: 1.2 }, all: raised(1.15, 2.2, AUTHORIZER) },
  Create: { init: raised(1.2, 1.6, EDGE), all: raised(1.15, 1.4, EDGE) },
  Get: { init: raised(1.2, 1.45, EDGE), all: raised(1.15, 1.35, EDGE) },
  List: { init: raised(1.2, 1.45, EDGE), all: raised(1.15, 1.35, EDGE) },
  Delete: { init: raised(1.2, 1.45, EDGE), all: raised(1.15, 1.35, EDGE) },
  Reconcile: { init: raised(1.2, 1.5, EDGE), all: raised(1.15, 1.35, EDGE) },
};

/** Limit for authorize's init, as a multiple of that of a handler with only the document client. */
export const MAX_AUTHORIZE_RATIO = raised(0.15, 0.4, AUTHORIZER);

/** Limit for init plus first request, as a multiple of the same function written like the AWS sample. */
export const MAX_SAMPLE_RATIO: Limit = { max: 0.6 };

/** Limits for a warm request's processor time, and for the memory after the first hundred requests. */
export const MAX_WARM_RATIOS: Readonly<Record<string, { cpu: Limit; memory: Limit }>> = {
  create: { cpu: raised(1.25, 1.45, EDGE), memory: { max: 1.1 } },
  'create with inline actions': { cpu: raised(1.25, 1.45, EDGE), memory: { max: 1.1 } },
  get: { cpu: { max: 1.25 }, memory: { max: 1.1 } },
  'list of 100': { cpu: { max: 1.35 }, memory: { max: 1.1 } },
  delete: { cpu: { max: 1.35 }, memory: { max: 1.1 } },
};

/** Limits for the time that the local system takes for a request, as a multiple of lambda-local's. */
export const MAX_LOCAL_RATIOS: Readonly<Record<string, Limit>> = {
  'get one': raised(0.12, 0.25, LOCAL),
  'create without a key': raised(0.3, 0.6, LOCAL),
};

/** Returns the limit of a row that a decision allows to exceed the general one. */
function raised(general: number, max: number, decision: string): Limit {
  return { max, exception: { general, decision } };
}
