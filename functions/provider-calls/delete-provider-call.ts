import type { CustomerId, ProviderCallId } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp } from '../timestamp.ts';
import { type Actor, type ProviderCallRecord, providerCallNotFound } from './provider-call.ts';
import type { ProviderCallStore } from './provider-call-store.ts';

export type DeleteDeps = { store: Pick<ProviderCallStore, 'softDelete'>; now: () => Date };

/** Whose record is to be deleted, and by whom. */
export type DeleteInput = { customerId: CustomerId; actor: Actor; id: ProviderCallId };

/**
 * Removes a customer's record from the lists and returns it with its deletion time; its calls continue. Deleting it
 * again changes nothing.
 *
 * @throws {PlatformError} PROVIDERCALL_NOT_FOUND when the customer has no such record
 */
export async function deleteProviderCall(
  { store, now }: DeleteDeps,
  _scope: RequestScope,
  { customerId, actor, id }: DeleteInput,
): Promise<ProviderCallRecord> {
  const record = await store.softDelete({
    id,
    customerId,
    deletedBy: actor,
    deletedAt: formatTimestamp(now()),
  });
  if (record === undefined) throw providerCallNotFound();
  return record;
}
