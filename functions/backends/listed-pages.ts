import * as z from 'zod/mini';
import { BackendFailure } from '../provider-calls/ports.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { Backend } from './backend.ts';

/** How many items are requested at once: a bare list, newest first, of what is older than the page token. */
const PAGE_SIZE = 100;

/** Milliseconds after which no further page of a list is requested. */
const MAX_LISTING_MS = 10_000;

/** A time as the managers write it: RFC 3339 with as many digits as Go prints, or the platform's older form. As milliseconds. */
export const momentSchema = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(millisecondsOf(text)), 'is not a time')),
  z.transform(millisecondsOf),
);

type Listed = { id: string; tm_create: number };

type Listing<Item extends Listed> = {
  /** The name of the backend, for errors. */
  name: string;
  path: string;
  filters: Record<string, string>;
  /** Of one item, its time of creation parsed by `momentSchema`. */
  schema: z.ZodMiniType<Item>;
  /** Milliseconds since 1970, both inclusive. */
  from: number;
  to: number;
};

/**
 * Returns everything that a manager lists and that was created in a period, deleted or not, newest first.
 *
 * Pages are read until one is older than the period or has nothing new. Each page begins within the oldest millisecond
 * of the last one, so that no item created in that millisecond is skipped.
 *
 * @throws {BackendFailure} when a page fails, or when there are too many of them
 */
export async function listedBetween<Item extends Listed>(
  backend: Backend,
  scope: RequestScope,
  { name, path, filters, schema, from, to }: Listing<Item>,
): Promise<Item[]> {
  const startedAt = Date.now();
  const found = new Map<string, Item>();
  let before = to + 1;
  for (;;) {
    const page = await backend.request(scope, z.nullable(z.array(schema)), {
      method: 'GET',
      path: `${path}?page_size=${PAGE_SIZE}&page_token=${pageToken(before)}`,
      body: filters,
    });
    const items = page ?? [];
    const fresh = items.filter(({ id }) => !found.has(id));
    for (const item of fresh) found.set(item.id, item);
    const oldest = Math.min(...fresh.map(({ tm_create }) => tm_create));
    const isStuck = fresh.length === 0 && items.length >= PAGE_SIZE;
    if (isStuck || Date.now() - startedAt > MAX_LISTING_MS) {
      throw new BackendFailure(name, `the list ${path} is too long to be read`, { outcome: 'unknown' });
    }
    if (fresh.length === 0 || oldest < from) break;
    before = oldest + 1;
  }
  return [...found.values()].filter(({ tm_create }) => tm_create >= from && tm_create <= to);
}

/** Returns the token of what is older than a moment, in the form in which the managers write one. */
function pageToken(milliseconds: number): string {
  return encodeURIComponent(`${formatTimestamp(new Date(milliseconds)).replace(' ', 'T')}Z`);
}

/** Text without a time zone is UTC. */
function millisecondsOf(text: string): number {
  const iso = text.replace(' ', 'T');
  return Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(iso) ? iso : `${iso}Z`);
}
