import * as z from 'zod/mini';
import type { CustomerId, ProviderId, Timestamp } from '../flavor.ts';
import type { ProviderCall, StoredProviderCall, VisibleProviderCall } from './provider-call.ts';

/**
 * Keys and indexes of the ProviderCall table, for the store that reads it and the stack that creates it.
 *
 * Every index is sparse: an item is in it only while it carries that index's keys. An intent has `open` keys
 * and no list keys; a record has list keys; a deleted record has neither, so that no read ever passes over it.
 */
export const PROVIDER_CALL_TABLE = {
  partitionKey: 'id',
  indexes: {
    /** A customer's records in the order of `list_order`. */
    byCustomer: { name: 'by-customer', partitionKey: 'list_customer', sortKey: 'list_order' },
    /** A customer's records through one provider, in the same order. */
    byProvider: { name: 'by-provider', partitionKey: 'list_provider', sortKey: 'list_order' },
    /** What reconcile still has to settle, by the time at which it is due. */
    open: { name: 'open', partitionKey: 'open', sortKey: 'due' },
  },
} as const;

// Stored values are checked for their shape only: what a request may no longer contain must still be readable.
const text = z.string();
const optionalText = z.optional(text);
const texts = z.array(text);
const actionsSchema = z.array(
  z.object({
    id: optionalText,
    next_id: optionalText,
    type: text,
    option: z.optional(z.record(text, z.unknown())),
  }),
);
const actorSchema = z.object({ type: z.enum(['agent', 'accesskey']), id: text });
const addressSchema = z.object({
  type: z.enum(['tel', 'sip', 'agent', 'extension']),
  target: text,
  target_name: text,
});

/** The attributes that a client sees. */
const visibleSchema = z.object({
  id: text,
  customer_id: text,
  provider_id: text,
  flow_id: text,
  source: z.nullable(addressSchema),
  destinations: z.array(addressSchema),
  anonymous: z.enum(['yes', 'no', 'auto', '']),
  call_ids: texts,
  groupcall_ids: texts,
  tm_create: text,
  tm_update: text,
  tm_delete: optionalText,
  state: z.enum(['intent', 'placed', 'unconfirmed']),
});

// Marked as pure, so that a bundle that lists nothing leaves it out.
const listedSchema = /* @__PURE__ */ z.extend(visibleSchema, {
  state: /* @__PURE__ */ z.enum(['placed', 'unconfirmed']),
});

/** The attributes that a list requests: the rest of an item is for other readers. */
export const VISIBLE_ATTRIBUTES = Object.keys(visibleSchema.shape);

/** An item of the ProviderCall table, without the index keys, which nothing reads back. */
const itemSchema = z.extend(visibleSchema, {
  attempt: text,
  created_by: actorSchema,
  deleted_by: z.optional(actorSchema),
  request_id: text,
  idempotency_key_hash: optionalText,
  fingerprint: optionalText,
  // As JSON text: an option may hold numbers and empty keys that DynamoDB's own types cannot.
  actions: optionalText,
  temporary_flow_id: optionalText,
  never_dialled: z.optional(z.boolean()),
  postponed: z.optional(z.number()),
  candidates: z.optional(texts),
});
/** The attributes of an item, without its index keys. */
export type ProviderCallItem = z.infer<typeof itemSchema>;

/** Returns the item of a stored ProviderCall. Absent attributes stand for null: conditions test for an attribute's absence. */
export function toItem(stored: StoredProviderCall): ProviderCallItem {
  return {
    id: stored.id,
    customer_id: stored.customerId,
    provider_id: stored.providerId,
    flow_id: stored.flowId,
    source: stored.source,
    destinations: stored.destinations,
    anonymous: stored.anonymous,
    call_ids: stored.callIds,
    groupcall_ids: stored.groupcallIds,
    tm_create: stored.createdAt,
    tm_update: stored.updatedAt,
    ...(stored.deletedAt !== null && { tm_delete: stored.deletedAt }),
    state: stored.state,
    attempt: stored.attempt,
    created_by: stored.createdBy,
    ...(stored.deletedBy !== null && { deleted_by: stored.deletedBy }),
    request_id: stored.requestId,
    ...(stored.idempotency !== null && {
      idempotency_key_hash: stored.idempotency.keyHash,
      fingerprint: stored.idempotency.fingerprint,
    }),
    ...(stored.temporaryFlow !== null && { actions: JSON.stringify(stored.temporaryFlow.actions) }),
    ...(stored.temporaryFlow !== null &&
      stored.temporaryFlow.flowId !== null && { temporary_flow_id: stored.temporaryFlow.flowId }),
    ...(stored.state !== 'placed' && {
      never_dialled: stored.neverDialled,
      postponed: stored.postponed,
      candidates: stored.candidates,
    }),
  };
}

/**
 * Returns a stored ProviderCall from its item.
 *
 * @throws {z.core.$ZodError} when the item does not have this shape
 */
export function fromItem(item: unknown): StoredProviderCall {
  const row = itemSchema.parse(item);
  const stored = {
    ...fieldsOf(row),
    attempt: row.attempt,
    createdBy: row.created_by,
    deletedBy: row.deleted_by ?? null,
    requestId: row.request_id,
    idempotency:
      row.idempotency_key_hash === undefined
        ? null
        : { keyHash: row.idempotency_key_hash, fingerprint: text.parse(row.fingerprint) },
  };
  if (row.state === 'placed') return { ...stored, state: row.state, temporaryFlow: null };
  const temporaryFlow =
    row.actions === undefined
      ? null
      : { actions: actionsSchema.parse(JSON.parse(row.actions)), flowId: row.temporary_flow_id ?? null };
  return {
    ...stored,
    state: row.state,
    temporaryFlow,
    neverDialled: row.never_dialled ?? false,
    postponed: row.postponed ?? 0,
    candidates: row.candidates ?? [],
  };
}

/** When an item was restored from a backup. It was published when it was first written, and is not again. */
export const RESTORED_AT = 'tm_restore';

/**
 * Returns a record from the attributes that a list requests.
 *
 * @throws {z.core.$ZodError} when they do not have this shape, and for an intent, which is never listed
 */
export function fromListedItem(item: unknown): VisibleProviderCall {
  const row = listedSchema.parse(item);
  return { ...fieldsOf(row), state: row.state };
}

/** Returns the index keys of a record that lists return: they sort by time and, within one microsecond, by id. */
export function listKeys({
  id,
  customerId,
  providerId,
  createdAt,
}: Pick<ProviderCall, 'id' | 'customerId' | 'providerId' | 'createdAt'>) {
  return {
    list_customer: customerId,
    list_provider: providerPartition(customerId, providerId),
    list_order: `${createdAt}#${id}`,
  };
}

/** Returns the partition of `by-provider`: a customer's records through one provider. */
export function providerPartition(customerId: CustomerId, providerId: ProviderId): string {
  return `${customerId}#${providerId}`;
}

/** Returns the index keys of what reconcile has to settle from `due` on. */
export function openKeys(due: Timestamp) {
  return { open: 'open', due };
}

/** What an update writes: attributes with their new values, and attributes that it removes. */
export type Change = { set: Record<string, unknown>; remove?: readonly string[] };

/** An expression with the placeholders it uses: `#name` for an attribute, `:name` for a value. */
export type Expression = { text: string; names: Record<string, string>; values: Record<string, unknown> };

/** Returns the UpdateExpression of a change. DynamoDB reserves many plain words, so every attribute has a placeholder. */
export function updateExpression({ set, remove = [] }: Change): Expression {
  const assigned = Object.keys(set);
  const assignments = assigned.map((attribute) => `#${attribute} = :${attribute}`).join(', ');
  const removals =
    remove.length === 0 ? '' : ` REMOVE ${remove.map((attribute) => `#${attribute}`).join(', ')}`;
  return {
    text: `SET ${assignments}${removals}`,
    names: Object.fromEntries([...assigned, ...remove].map((attribute) => [`#${attribute}`, attribute])),
    values: Object.fromEntries(assigned.map((attribute) => [`:${attribute}`, set[attribute]])),
  };
}

function fieldsOf(row: z.infer<typeof visibleSchema>): ProviderCall {
  return {
    id: row.id,
    customerId: row.customer_id,
    providerId: row.provider_id,
    flowId: row.flow_id,
    source: row.source,
    destinations: row.destinations,
    anonymous: row.anonymous,
    callIds: row.call_ids,
    groupcallIds: row.groupcall_ids,
    createdAt: row.tm_create,
    updatedAt: row.tm_update,
    deletedAt: row.tm_delete ?? null,
  };
}
