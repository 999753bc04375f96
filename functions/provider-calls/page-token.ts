import * as z from 'zod/mini';
import { timestampSchema } from '../timestamp.ts';
import { uuidSchema } from '../uuid.ts';

/** Where the next page begins: after this record, or, without an id, after every record of that microsecond. */
export type PagePosition = { createdAt: string; id: string | undefined };

const partsSchema = z.union([z.tuple([timestampSchema]), z.tuple([timestampSchema, uuidSchema])]);

/**
 * A page token: the last record's `tm_create`, and behind a comma its id where the next record has the very same
 * timestamp. A plain timestamp means "older than this", as everywhere on the platform.
 */
export const pageTokenSchema = z.pipe(
  z.string(),
  z.transform((token, { issues }): PagePosition => {
    const { data: parts } = z.safeParse(partsSchema, token.split(','));
    if (parts !== undefined) return { createdAt: parts[0], id: parts[1] };
    // One fault of the whole token: its parts are nothing that a client knows of.
    issues.push({ code: 'custom', message: 'is not a page token that this API gave', input: token });
    return z.NEVER;
  }),
);

/**
 * The token that leads from `last`, the end of a page, to `next`, the first record of the one that follows. Where that
 * one is not known, the token carries the id in any case.
 */
export const pageTokenBetween = (
  last: { createdAt: string; id: string },
  next: { createdAt: string } | undefined,
): string =>
  next !== undefined && last.createdAt !== next.createdAt ? last.createdAt : `${last.createdAt},${last.id}`;

/** What sorts right after everything that the next page holds, in the order of `listKeys`. */
export const sortBound = ({ createdAt, id }: PagePosition): string =>
  id === undefined ? createdAt : `${createdAt}#${id}`;
