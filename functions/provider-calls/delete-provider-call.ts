import { formatTimestamp } from '../timestamp.ts';
import type { Actor } from './provider-call.ts';
import { providerCallNotFound } from './provider-call-not-found.ts';
import type { ProviderCallStore } from './provider-call-store.ts';
import type { StoredProviderCall } from './stored-provider-call.ts';

/**
 * Takes a customer's record out of the lists and gives it with its deletion time; the calls go on. Deleting it again
 * changes nothing. Another customer's is not found: throws PlatformError.
 */
export const deleteProviderCall = async (
  store: Pick<ProviderCallStore, 'softDelete'>,
  { customerId, actor, id, now }: { customerId: string; actor: Actor; id: string; now: Date },
): Promise<StoredProviderCall> => {
  const stored = await store.softDelete(id, customerId, actor, formatTimestamp(now));
  if (stored === undefined) throw providerCallNotFound();
  return stored;
};
