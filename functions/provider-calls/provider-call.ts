import * as z from 'zod/mini';

/** The longest address field in characters; the platform names no limit, SIP user parts stay far below. */
const ADDRESS_FIELD_CHARACTERS = 255;

const plainText = (maximum: number) =>
  z.string('must be a string').check(
    z.maxLength(maximum, `must be at most ${maximum} characters`),
    z.regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must not contain control characters'),
    // A lone surrogate has no UTF-8 form: it could not reach the backend as it was given.
    z.refine((text) => text.isWellFormed(), 'must be well-formed Unicode'),
  );

export const addressTypes = ['tel', 'sip', 'agent', 'extension'] as const;

/**
 * A caller id or dial target, in its wire shape: it is carried verbatim from the request to the backend and the
 * record. `target_name` is "" when it was not given.
 */
export const addressSchema = z.strictObject({
  type: z.enum(addressTypes, `must be one of ${addressTypes.join(', ')}`),
  target: plainText(ADDRESS_FIELD_CHARACTERS).check(z.minLength(1, 'must not be empty')),
  target_name: z._default(plainText(ADDRESS_FIELD_CHARACTERS), ''),
});
export type Address = z.infer<typeof addressSchema>;

export const anonymousSchema = z.enum(['yes', 'no', 'auto', ''], 'must be "yes", "no", "auto" or ""');
export type Anonymous = z.infer<typeof anonymousSchema>;

/** Who did something: an agent by token, or an access key, by id. */
export type Actor = { type: 'agent' | 'accesskey'; id: string };

/**
 * The audit record of the specification. Timestamps are the platform's (UTC, microseconds). `flowId` is the nil
 * UUID when no flow was attached; a temporary flow made of inline actions is not named here.
 */
export type ProviderCall = {
  id: string;
  customerId: string;
  providerId: string;
  flowId: string;
  source: Address | null;
  destinations: Address[];
  anonymous: Anonymous;
  callIds: string[];
  groupcallIds: string[];
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
};

/** The record as the API answers it: the specification's fields in the specification's order. */
export const presentProviderCall = (record: ProviderCall) => ({
  id: record.id,
  customer_id: record.customerId,
  provider_id: record.providerId,
  flow_id: record.flowId,
  source: record.source,
  destinations: record.destinations,
  anonymous: record.anonymous,
  call_ids: record.callIds,
  groupcall_ids: record.groupcallIds,
  tm_create: record.createdAt,
  tm_update: record.updatedAt,
  tm_delete: record.deletedAt,
});
