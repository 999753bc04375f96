import type { CustomerId, ProviderCallId } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { type ProviderCallRecord, providerCallNotFound } from './provider-call.ts';
import type { ProviderCallStore } from './provider-call-store.ts';

export type GetDeps = { store: Pick<ProviderCallStore, 'get'> };

/** Whose record is requested. */
export type GetInput = { customerId: CustomerId; id: ProviderCallId };

/**
 * Returns a customer's record, deleted or not.
 *
 * @throws {PlatformError} PROVIDERCALL_NOT_FOUND when there is none, when it is another customer's and when it is an intent
 */
export async function getProviderCall(
  { store }: GetDeps,
  _scope: RequestScope,
  { customerId, id }: GetInput,
): Promise<ProviderCallRecord> {
  const stored = await store.get(id);
  if (stored?.customerId !== customerId || stored.state === 'intent') {
    throw providerCallNotFound();
  }
  return stored;
}
