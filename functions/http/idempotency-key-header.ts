import * as z from 'zod/mini';
import { idempotencyKeySchema } from '../provider-calls/idempotency-key.ts';
import type { ApiRequest } from './api-request.ts';
import { onlyValue } from './only-value.ts';
import { parseInput } from './parse-input.ts';

const name = 'Idempotency-Key';

/** The Idempotency-Key of a request; undefined when it has none. Throws PlatformError when it is malformed or repeated. */
export const idempotencyKeyOf = ({ header }: ApiRequest): string | undefined =>
  parseInput(z.optional(idempotencyKeySchema), onlyValue(header(name.toLowerCase()), name), name);
