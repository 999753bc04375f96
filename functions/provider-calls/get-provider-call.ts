import { providerCallNotFound } from './provider-call-not-found.ts';
import type { ProviderCallStore } from './provider-call-store.ts';
import type { StoredProviderCall } from './stored-provider-call.ts';

/** A customer's record, deleted or not. Another customer's, and an intent, is not found: throws PlatformError. */
export const getProviderCall = async (
  store: Pick<ProviderCallStore, 'get'>,
  customerId: string,
  id: string,
): Promise<StoredProviderCall> => {
  const stored = await store.get(id);
  if (stored === undefined || stored.customerId !== customerId || stored.state === 'intent') {
    throw providerCallNotFound();
  }
  return stored;
};
