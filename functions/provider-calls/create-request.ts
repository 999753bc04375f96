import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { ClientIdempotencyKey, FlowId, ProviderId } from '../flavor.ts';
import { idSchema, NIL_UUID, uuidSchema } from '../uuid.ts';

/** How many destinations a request may have. The limit is this API's own. */
export const MAX_DESTINATIONS = 50;

/** How many inline actions a request may have. The limit is this API's own. */
export const MAX_ACTIONS = 100;

/** Maximum length of an address field; the platform states no limit, and SIP user parts are much shorter. */
const MAX_ADDRESS_FIELD_CHARACTERS = 255;

/**
 * A telephone-subscriber of RFC 3966 §3: global or local digits with visual separators, to which the
 * platform adds the space, and parameters. A parameter has no "@": the platform dials `sip:{target}@{hostname}`, so a target must not name a host of its own.
 */
const TELEPHONE_NUMBER =
  /^(?:[-.() ]*\+[-.() ]*\d[-.() \d]*|[-.() ]*[\dA-F*#][-.() \dA-F*#]*)(?:;[a-z\d-]+(?:=[\w[\]/:&+$.!~*'()%-]+)?)*$/i;

const ADDRESS_TYPES = ['tel', 'sip', 'agent', 'extension'] as const;

/**
 * A caller id or dial target, in its wire shape: it is carried verbatim from the request to the backend and the
 * record. `target_name` is "" when it was omitted.
 */
export const addressSchema = z
  .strictObject({
    type: z.enum(ADDRESS_TYPES, `must be one of ${ADDRESS_TYPES.join(', ')}`),
    target: plainText(MAX_ADDRESS_FIELD_CHARACTERS).check(
      z.minLength(1, { error: 'must not be empty', abort: true }),
      // They are invisible in the record, and the call would go to a different target than it seems.
      z.regex(/^[^\p{Cf}\p{DI}]*$/u, {
        error: 'must not contain bidirectional, zero-width or other invisible characters',
        abort: true,
      }),
    ),
    target_name: z._default(plainText(MAX_ADDRESS_FIELD_CHARACTERS), ''),
  })
  .check(
    z.refine(({ type, target }) => type !== 'tel' || TELEPHONE_NUMBER.test(target), {
      error: 'must be a telephone number (RFC 3966) when the type is tel',
      path: ['target'],
    }),
  );
export type Address = z.infer<typeof addressSchema>;

export const anonymousSchema = z.enum(['yes', 'no', 'auto', ''], 'must be "yes", "no", "auto" or ""');
export type Anonymous = z.infer<typeof anonymousSchema>;

/** One step of an inline flow. What `option` may contain depends on the type, and is validated by the flow backend. */
export const actionSchema = z.strictObject({
  id: z.optional(uuidSchema),
  next_id: z.optional(uuidSchema),
  type: z
    .string('must be a string')
    .check(z.minLength(1, 'must not be empty'), z.maxLength(64, 'must be at most 64 characters')),
  option: z.optional(z.record(z.string(), z.unknown(), 'must be an object')),
});
export type Action = z.infer<typeof actionSchema>;

const providerIdSchema: z.ZodMiniType<ProviderId> = idSchema;
const flowIdSchema: z.ZodMiniType<FlowId> = uuidSchema;

/**
 * The body of POST /providercalls. Unknown fields are rejected: a misspelt `anonymous` must not leak a number, and
 * `metadata` and `customer_id` are never the client's to set.
 */
export const createRequestSchema = z
  .strictObject({
    provider_id: providerIdSchema,
    flow_id: z._default(flowIdSchema, NIL_UUID),
    actions: z._default(
      z
        .array(actionSchema, 'must be a list')
        .check(z.maxLength(MAX_ACTIONS, `must be at most ${MAX_ACTIONS} actions`)),
      [],
    ),
    source: z._default(z.nullable(addressSchema), null),
    destinations: z
      .array(addressSchema, 'must be a list')
      .check(
        z.minLength(1, 'must name at least one destination'),
        z.maxLength(MAX_DESTINATIONS, `must be at most ${MAX_DESTINATIONS} destinations`),
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

/** The Idempotency-Key header: 1 to 255 visible ASCII characters, chosen by the client. */
export const idempotencyKeySchema: z.ZodMiniType<ClientIdempotencyKey> = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'));

/**
 * Returns the key as it is stored: lower-case hexadecimal SHA-256, because clients put all sorts of things into keys.
 */
export function hashIdempotencyKey(key: ClientIdempotencyKey): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Returns a hash of a request, as hexadecimal SHA-256: equal for bodies that differ only in white space, key order or
 * defaults.
 */
export function fingerprintOf(request: CreateRequest): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(request)))
    .digest('hex');
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, canonical(member)]));
}

function plainText(maxCharacters: number) {
  return z.string('must be a string').check(
    z.maxLength(maxCharacters, `must be at most ${maxCharacters} characters`),
    z.regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: 'must not contain control characters', abort: true }),
    // A lone surrogate has no UTF-8 form: it could not reach the backend as it was sent.
    z.refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode', abort: true }),
  );
}
