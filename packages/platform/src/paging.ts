import * as z from 'zod/mini';
import { parseInput } from '../../../functions/http/parse-input.ts';
import { pageTokenBetween, pageTokenSchema } from '../../../functions/provider-calls/page-token.ts';
import { uuidSchema } from '../../../functions/uuid.ts';
import type { Collection } from './document-store.ts';

const MAX_PAGE_SIZE = 100;

const listQuerySchema = z.object({
  /** A number out of range means the maximum, as on the platform. Anything that is not a number is rejected. */
  page_size: z._default(
    z.pipe(
      z.string().check(z.regex(/^-?\d+$/, 'is not a whole number')),
      z.transform((text) => {
        const size = Number(text);
        return size >= 1 && size <= MAX_PAGE_SIZE ? size : MAX_PAGE_SIZE;
      }),
    ),
    MAX_PAGE_SIZE,
  ),
  /** Empty, as the last page returns it, is the beginning. */
  page_token: z.optional(
    z.pipe(
      z.string(),
      z.pipe(
        z.transform((token: string) => (token === '' ? undefined : token)),
        z.optional(pageTokenSchema),
      ),
    ),
  ),
  customer_id: z.optional(uuidSchema),
});

export type Page<Document> = { result: Document[]; next_page_token: string };

/**
 * Returns one page of a collection, newest first, by the query parameters `page_size`, `page_token` and `customer_id`.
 *
 * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
 */
export async function pageOf<Document extends { id: string; tm_create: string }>(
  list: Collection<Document>['list'],
  query: URLSearchParams,
): Promise<Page<Document>> {
  const {
    page_size: size,
    page_token: after,
    customer_id: customerId,
  } = parseInput(listQuerySchema, Object.fromEntries(query), 'query');
  const found = await list({
    ...(customerId !== undefined && { customerId }),
    ...(after !== undefined && { after }),
    // One more than the page holds shows whether another page follows.
    limit: size + 1,
  });
  const result = found.slice(0, size);
  const last = result.at(-1);
  const next = found[size];
  return {
    result,
    next_page_token:
      last === undefined || next === undefined
        ? ''
        : pageTokenBetween({ createdAt: last.tm_create, id: last.id }, { createdAt: next.tm_create }),
  };
}
