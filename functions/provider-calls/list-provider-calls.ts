import type { CustomerId, ProviderId } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { type PagePosition, pageTokenBetween } from './page-token.ts';
import type { VisibleProviderCall } from './provider-call.ts';
import type { ProviderCallStore } from './provider-call-store.ts';

/** Maximum number of records on a page, which is also the platform's default. */
export const MAX_PAGE_SIZE = 100;

export type ListDeps = { store: Pick<ProviderCallStore, 'list'> };

/** Which page of which records is requested. */
export type ListInput = {
  customerId: CustomerId;
  providerId: ProviderId | undefined;
  /** 1 to MAX_PAGE_SIZE records. */
  pageSize: number;
  after: PagePosition | undefined;
};

/** A page of records, newest first, and the token of the next page: "" on the last one. */
export type ProviderCallPage = { records: VisibleProviderCall[]; nextPageToken: string };

/** Returns a page of a customer's records that are not deleted. */
export async function listProviderCalls(
  { store }: ListDeps,
  _scope: RequestScope,
  { customerId, providerId, pageSize, after }: ListInput,
): Promise<ProviderCallPage> {
  // One more record than the page holds shows whether there is a next page, and whether it begins within the same
  // microsecond.
  const { records, exhausted } = await store.list({ customerId, providerId, after, limit: pageSize + 1 });
  const page = records.slice(0, pageSize);
  const next = records[pageSize];
  const last = page.at(-1);
  const isLastPage = next === undefined && exhausted;
  return {
    records: page,
    nextPageToken: last === undefined || isLastPage ? '' : pageTokenBetween(last, next),
  };
}
