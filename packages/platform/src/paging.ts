import * as z from 'zod/mini';
import { pageTokenBetween, pageTokenSchema } from '../../../functions/provider-calls/page-token.ts';
import { uuidSchema } from '../../../functions/uuid.ts';
import type { Collection } from './document-store.ts';
import { invalidArgument } from './refusal.ts';

const largestPage = 100;

const listQuerySchema = z.object({
  /** A number out of range means the largest page, as the platform has it; what is no number is refused. */
  page_size: z._default(
    z.pipe(
      z.string().check(z.regex(/^-?\d+$/, 'is not a whole number')),
      z.transform((text) => {
        const size = Number(text);
        return size >= 1 && size <= largestPage ? size : largestPage;
      }),
    ),
    largestPage,
  ),
  page_token: z.optional(z.string()),
  customer_id: z.optional(uuidSchema),
});

const tokenQuerySchema = z.object({ page_token: pageTokenSchema });

export type Page<Document> = { result: Document[]; next_page_token: string };

/** One page of a collection, newest first, by the query parameters `page_size`, `page_token` and `customer_id`. */
export async function pageOf<Document extends { id: string; tm_create: string }>(
  list: Collection<Document>['list'],
  query: URLSearchParams,
): Promise<Page<Document>> {
  const parsed = z.safeParse(listQuerySchema, Object.fromEntries(query));
  if (!parsed.success) throw invalidArgument(parsed.error.issues);
  const { page_size: size, page_token: token, customer_id: customerId } = parsed.data;
  const position =
    token === undefined || token === '' ? undefined : z.safeParse(tokenQuerySchema, { page_token: token });
  if (position?.success === false) throw invalidArgument(position.error.issues);

  const found = await list({
    ...(customerId !== undefined && { customerId }),
    ...(position !== undefined && { after: position.data.page_token }),
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
