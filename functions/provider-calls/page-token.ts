import * as z from 'zod/mini';
import type { ProviderCallId, Timestamp } from '../flavor.ts';
import { timestampSchema } from '../timestamp.ts';
import { uuidSchema } from '../uuid.ts';

/** Where the next page begins: after this record, or, without an id, after every record of that microsecond. */
export type PagePosition = { createdAt: Timestamp; id: ProviderCallId | undefined };

const partsSchema = z.union([z.tuple([timestampSchema]), z.tuple([timestampSchema, uuidSchema])]);

/**
 * A page token: the last record's `tm_create`, and after a comma its id where the next record has the very same
 * timestamp. A plain timestamp means "older than this", as everywhere on the platform.
 */
export const pageTokenSchema = z.pipe(
  z.string(),
  z.transform((token, { issues }): PagePosition => {
    const { data: parts } = z.safeParse(partsSchema, token.split(','));
    if (parts !== undefined) return { createdAt: parts[0], id: parts[1] };
    // A single error for the whole token, because clients do not know its parts.
    issues.push({ code: 'custom', message: 'is not a page token that this API returned', input: token });
    return z.NEVER;
  }),
);

/**
 * Returns the token that leads from `last`, the end of a page, to `next`, the first record of the following one. If
 * that one is not known, the token contains the id in any case.
 */
export function pageTokenBetween(
  last: { createdAt: Timestamp; id: ProviderCallId },
  next: { createdAt: Timestamp } | undefined,
): string {
  return next !== undefined && last.createdAt !== next.createdAt
    ? last.createdAt
    : `${last.createdAt},${last.id}`;
}

/** Returns the key that sorts right after everything on the next page, in the order of `listKeys`. */
export function sortBound({ createdAt, id }: PagePosition): string {
  return id === undefined ? createdAt : `${createdAt}#${id}`;
}
