import * as z from 'zod/mini';
import { parseInput } from '../../../functions/http/parse-input.ts';
import { pageTokenBetween, pageTokenSchema } from '../../../functions/provider-calls/page-token.ts';
import { uuidSchema } from '../../../functions/uuid.ts';
import type { Collection } from './document-store.ts';

const MAX_PAGE_SIZE = 100;

const listQuerySchema = z.object({
  /** A number that is out of range means the maximum, as on the platform. Anything that is not a number is rejected. */
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
  /** An empty token, as returned by the last page, means the beginning. */
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
  flow_id: z.optional(uuidSchema),
  groupcall_id: z.optional(uuidSchema),
  deleted: z._default(z.enum(['true', 'false', 'any'], 'must be true, false or any'), 'false'),
});
type Filters = Pick<z.infer<typeof listQuerySchema>, 'flow_id' | 'groupcall_id' | 'deleted'>;

/** The fields of a document that a list reads. */
type Listed = {
  id: string;
  tm_create: string;
  tm_delete?: string | null;
  flow_id?: string;
  groupcall_id?: string;
};

export type Page<Document> = { result: Document[]; next_page_token: string };

/**
 * Returns one page of a collection, newest first, by the query parameters `page_size`, `page_token` and `customer_id`, and
 * the fields that can be filtered: `flow_id`, `groupcall_id` and `deleted` (false by default).
 *
 * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
 */
export async function pageOf<Document extends Listed>(
  list: Collection<Document>['list'],
  query: URLSearchParams,
): Promise<Page<Document>> {
  const {
    page_size: size,
    page_token: after,
    customer_id: customerId,
    ...filters
  } = parseInput(listQuerySchema, Object.fromEntries(query), 'query');
  const found: Document[] = [];
  // One more document than the page holds shows whether another page follows.
  for (let from = after; found.length <= size; ) {
    const batch = await list({
      ...(customerId !== undefined && { customerId }),
      ...(from !== undefined && { after: from }),
      limit: size + 1,
    });
    found.push(...batch.filter((document) => matches(document, filters)));
    const end = batch[size];
    if (end === undefined) break;
    from = { createdAt: end.tm_create, id: end.id };
  }
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

function matches(
  document: Listed,
  { flow_id: flowId, groupcall_id: groupcallId, deleted }: Filters,
): boolean {
  return (
    (flowId === undefined || document.flow_id === flowId) &&
    (groupcallId === undefined || document.groupcall_id === groupcallId) &&
    (deleted === 'any' || ((document.tm_delete ?? null) !== null) === (deleted === 'true'))
  );
}
