import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { beforeAll, expect, test } from 'vitest';
import { formatTimestamp } from '../../functions/timestamp.ts';
import type { JourneyClient, ProviderCall } from './journey-client.ts';
import type { JourneySystem } from './journey-system.ts';
import { storedRecord } from './stored-record.ts';

const customerId = randomUUID();
const { answers, busy } = SEED_IDS.providers;

/** 250 records in runs of equal timestamps: 1, 2, 3, … in one microsecond, some longer than a page. */
const records = (() => {
  const start = Date.UTC(2026, 3, 21, 23, 15);
  return Array.from({ length: 250 }, (_, index) => {
    const run = Math.floor((Math.sqrt(8 * index + 1) - 1) / 2);
    const createdAt = formatTimestamp(new Date(start + run * 1000));
    return storedRecord({
      customerId,
      createdAt,
      updatedAt: createdAt,
      providerId: index % 3 === 0 ? busy : answers,
    });
  });
})();

const newestFirst = [...records].sort((a, b) =>
  a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
);

/** Lists 250 records, some with equal timestamps and some deleted: none is skipped or repeated. */
export function pagination(system: () => JourneySystem): void {
  let client: JourneyClient;
  beforeAll(async () => {
    client = await system().clientOf(customerId);
    const pending = [...records];
    const workers = Array.from({ length: 8 }, async () => {
      for (let record = pending.pop(); record !== undefined; record = pending.pop())
        await system().insert(record);
    });
    await Promise.all(workers);
  });

  test.each([7, 21, 50, 100])('a list in pages of %i has every record once', async (pageSize) => {
    const pages = await walk(client, { pageSize });
    expect(idsOf(pages.flat())).toEqual(idsOf(newestFirst));
    expect(pages.slice(0, -1).map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(250 / pageSize) - 1 }, () => pageSize),
    );
  });

  test('a page has 100 records without a size, and with a size out of range', async () => {
    expect((await walk(client, {})).map(({ length }) => length)).toEqual([100, 100, 50]);
    for (const pageSize of [0, -5, 101, 1_000_000]) {
      expect((await client.listProviderCalls({ pageSize })).result).toHaveLength(100);
    }
  });

  test('a list of one provider has its records only', async () => {
    const pages = await walk(client, { pageSize: 9, providerId: busy });
    expect(idsOf(pages.flat())).toEqual(idsOf(newestFirst.filter(({ providerId }) => providerId === busy)));
  });

  test('the client yields one record after the other', async () => {
    const seen: string[] = [];
    for await (const { id } of client.allProviderCalls({ pageSize: 60 })) seen.push(id);
    expect(seen).toEqual(idsOf(newestFirst));
  });

  test('a token is the last timestamp verbatim, and contains more only within one timestamp', async () => {
    for (const pageSize of [1, 10, 22, 23, 43, 44]) {
      const { next_page_token: token } = await client.listProviderCalls({ pageSize });
      const [last, next] = [newestFirst[pageSize - 1], newestFirst[pageSize]];
      const inside = last?.createdAt === next?.createdAt;
      expect(token).toBe(inside ? `${last?.createdAt},${last?.id}` : last?.createdAt);
    }
  });

  test('a plain timestamp means older than that, in both of its forms', async () => {
    const [at = ''] = newestFirst.map(({ createdAt }) => createdAt).slice(120);
    const older = newestFirst.filter(({ createdAt }) => createdAt < at);
    for (const pageToken of [at, `${at.replace(' ', 'T')}Z`]) {
      expect(idsOf((await client.listProviderCalls({ pageToken })).result)).toEqual(
        idsOf(older.slice(0, 100)),
      );
    }
  });

  test('records deleted between two pages are left out from then on, and no others', async () => {
    const deleted = new Set<string>();
    const remove = async (id: string | undefined) => {
      if (id === undefined) return;
      await client.deleteProviderCall(id);
      deleted.add(id);
    };
    const kept = () => newestFirst.filter(({ id }) => !deleted.has(id));
    await Promise.all([3, 4, 60, 61, 62].map((index) => remove(newestFirst[index]?.id)));
    const removedBefore = new Set(deleted);
    const seen = await walk(client, { pageSize: 30 }, async (page, number) => {
      // The record of the token, one before it, and the first one after it.
      const last = page.at(-1)?.id;
      const at = newestFirst.findIndex(({ id }) => id === last);
      if (number === 2) await remove(newestFirst[at + 1]?.id);
      if (number === 3) await Promise.all([remove(last), remove(page[0]?.id)]);
    });
    const ids = idsOf(seen.flat());
    expect(new Set(ids).size).toBe(ids.length);
    // Those of page 3 were listed before they were deleted.
    const deletedBeforeListed = [...deleted].filter((id) => !ids.includes(id));
    expect(ids).toEqual(idsOf(newestFirst.filter(({ id }) => !deletedBeforeListed.includes(id))));
    expect(deletedBeforeListed).toHaveLength(removedBefore.size + 1);
    expect(idsOf((await walk(client, { pageSize: 40 })).flat())).toEqual(idsOf(kept()));
    expect(idsOf((await walk(client, { pageSize: 11, providerId: answers })).flat())).toEqual(
      idsOf(kept().filter(({ providerId }) => providerId === answers)),
    );
  });
}

/** Returns every page of a list, in order; `between` runs after each of them. */
async function walk(
  client: JourneyClient,
  options: { pageSize?: number; providerId?: string },
  between: (page: ProviderCall[], number: number) => Promise<void> = async () => {},
): Promise<ProviderCall[][]> {
  const pages: ProviderCall[][] = [];
  for (let pageToken: string | undefined; pageToken !== ''; ) {
    const page = await client.listProviderCalls({
      ...options,
      ...(pageToken !== undefined && { pageToken }),
    });
    pages.push(page.result);
    await between(page.result, pages.length);
    pageToken = page.next_page_token;
  }
  return pages;
}

function idsOf(list: { id: string }[]) {
  return list.map(({ id }) => id);
}
