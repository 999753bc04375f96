import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { idSchema, nilUuid, uuidSchema } from '../uuid.ts';
import { addressSchema, anonymousSchema } from './provider-call.ts';

export const limits = { destinations: 50, actions: 100 } as const;

/** One step of an inline flow. What `option` may hold depends on the type and is the flow backend's to judge. */
export const actionSchema = z.strictObject({
  id: z.optional(uuidSchema),
  next_id: z.optional(uuidSchema),
  type: z
    .string('must be a string')
    .check(z.minLength(1, 'must not be empty'), z.maxLength(64, 'must be at most 64 characters')),
  option: z.optional(z.record(z.string(), z.json(), 'must be an object')),
});
export type Action = z.infer<typeof actionSchema>;

/**
 * The body of POST /providercalls. Unknown fields are refused: a misspelt `anonymous` must not leak a number, and
 * `metadata` and `customer_id` are never a client's to set.
 */
export const createRequestSchema = z
  .strictObject({
    provider_id: idSchema,
    flow_id: z._default(uuidSchema, nilUuid),
    actions: z._default(
      z
        .array(actionSchema, 'must be a list')
        .check(z.maxLength(limits.actions, `must be at most ${limits.actions} actions`)),
      [],
    ),
    source: z._default(z.nullable(addressSchema), null),
    destinations: z
      .array(addressSchema, 'must be a list')
      .check(
        z.minLength(1, 'must name at least one destination'),
        z.maxLength(limits.destinations, `must be at most ${limits.destinations} destinations`),
      ),
    anonymous: z._default(anonymousSchema, 'auto'),
  })
  .check(
    z.refine(
      ({ anonymous, source, destinations }) =>
        anonymous !== 'yes' ||
        source?.target.startsWith('+') === true ||
        !destinations.some(({ type }) => type === 'tel'),
      {
        // RFC 3325: the real number travels in P-Asserted-Identity as a tel URI, so there must be one.
        error: 'must have a target that starts with "+" when anonymous is "yes" and a destination is a tel',
        path: ['source'],
      },
    ),
  );
export type CreateRequest = z.infer<typeof createRequestSchema>;

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, canonical(member)]));
};

/** What a request asks for, as hexadecimal SHA-256: equal for bodies that differ only in white space, key order or defaults. */
export const fingerprintOf = (request: CreateRequest): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(request)))
    .digest('hex');
