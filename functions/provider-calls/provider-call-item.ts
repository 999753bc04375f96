import * as z from 'zod/mini';
import { actionSchema } from './create-request.ts';
import { addressTypes, anonymousSchema } from './provider-call.ts';
import type { ShownProviderCall, StoredProviderCall } from './stored-provider-call.ts';

const actionsSchema = z.array(actionSchema);

const actorSchema = z.object({ type: z.enum(['agent', 'accesskey']), id: z.string() });

/** Only its shape: what a request may not send any more must still be read. */
const addressSchema = z.object({ type: z.enum(addressTypes), target: z.string(), target_name: z.string() });

/** What of an item its customer sees. */
const shownSchema = z.object({
  id: z.string(),
  customer_id: z.string(),
  provider_id: z.string(),
  flow_id: z.string(),
  source: z.nullable(addressSchema),
  destinations: z.array(addressSchema),
  anonymous: anonymousSchema,
  call_ids: z.array(z.string()),
  groupcall_ids: z.array(z.string()),
  tm_create: z.string(),
  tm_update: z.string(),
  tm_delete: z.optional(z.string()),
  state: z.enum(['intent', 'placed', 'unconfirmed']),
});

/** The attributes that a list asks for: the rest of an item is for other readers. */
export const shownAttributes = Object.keys(shownSchema.shape);

/** An item of the ProviderCall table, without the index keys, which nothing reads back. */
const itemSchema = z.extend(shownSchema, {
  attempt: z.string(),
  created_by: actorSchema,
  deleted_by: z.optional(actorSchema),
  request_id: z.string(),
  idempotency_key_hash: z.optional(z.string()),
  fingerprint: z.optional(z.string()),
  // As JSON text: an option may hold numbers and empty keys that DynamoDB's own types cannot.
  actions: z.optional(z.string()),
  temporary_flow_id: z.optional(z.string()),
});
export type ProviderCallItem = z.infer<typeof itemSchema>;

/** The item of a stored ProviderCall. Absent attributes stand for null: conditions ask for an attribute's absence. */
export const toItem = (stored: StoredProviderCall): ProviderCallItem => ({
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
});

const shownOf = (row: z.infer<typeof shownSchema>): ShownProviderCall => ({
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
  state: row.state,
});

/** Of an item what its customer sees. Throws like `fromItem`. */
export const fromShownItem = (item: unknown): ShownProviderCall => shownOf(shownSchema.parse(item));

/** A stored ProviderCall of its item. Throws when the item is not of this shape: such a row is not ours to guess at. */
export const fromItem = (item: unknown): StoredProviderCall => {
  const row = itemSchema.parse(item);
  return {
    ...shownOf(row),
    attempt: row.attempt,
    createdBy: row.created_by,
    deletedBy: row.deleted_by ?? null,
    requestId: row.request_id,
    idempotency:
      row.idempotency_key_hash !== undefined && row.fingerprint !== undefined
        ? { keyHash: row.idempotency_key_hash, fingerprint: row.fingerprint }
        : null,
    temporaryFlow:
      row.actions === undefined
        ? null
        : { actions: actionsSchema.parse(JSON.parse(row.actions)), flowId: row.temporary_flow_id ?? null },
  };
};

/** Index keys of a record that lists show: they sort by time and, within one microsecond, by id. */
export const listKeys = ({
  id,
  customerId,
  providerId,
  createdAt,
}: Pick<StoredProviderCall, 'id' | 'customerId' | 'providerId' | 'createdAt'>) => ({
  list_customer: customerId,
  list_provider: providerPartition(customerId, providerId),
  list_order: `${createdAt}#${id}`,
});

/** Partition of `by-provider`: a customer's records through one provider. */
export const providerPartition = (customerId: string, providerId: string): string =>
  `${customerId}#${providerId}`;

/** Index keys of what reconcile has to settle, from `due` (a platform timestamp) on. */
export const openKeys = (due: string) => ({ open: 'open', due });
