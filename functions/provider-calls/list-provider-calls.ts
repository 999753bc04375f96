import { type PagePosition, pageTokenBetween } from './page-token.ts';
import type { ProviderCallStore } from './provider-call-store.ts';
import type { ShownProviderCall } from './stored-provider-call.ts';

export type ListRequest = {
  providerId: string | undefined;
  /** 1 to 100 records. */
  pageSize: number;
  after: PagePosition | undefined;
};

/** A page of records, newest first, and the token of the next page: "" on the last one. */
export type ProviderCallPage = { records: ShownProviderCall[]; nextPageToken: string };

/** A page of a customer's records that are not deleted. */
export const listProviderCalls = async (
  store: Pick<ProviderCallStore, 'list'>,
  customerId: string,
  { providerId, pageSize, after }: ListRequest,
): Promise<ProviderCallPage> => {
  // One more than the page holds: whether there is a next page, and whether it begins within the same microsecond.
  const { records, exhausted } = await store.list({ customerId, providerId, after, limit: pageSize + 1 });
  const page = records.slice(0, pageSize);
  const next = records[pageSize];
  const last = page.at(-1);
  const isLastPage = next === undefined && exhausted;
  return {
    records: page,
    nextPageToken: last === undefined || isLastPage ? '' : pageTokenBetween(last, next),
  };
};
