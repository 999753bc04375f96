import { describe, expect, test } from 'vitest';
import type { Collection } from '../src/document-store.ts';
import { pageOf } from '../src/paging.ts';

type Document = { id: string; tm_create: string };

const FIRST = '00000000-0000-4000-8000-000000000001';
const SECOND = '00000000-0000-4000-8000-000000000002';
const THIRD = '00000000-0000-4000-8000-000000000003';
function at(second: number) {
  return `2026-04-21 23:15:0${second}.000000`;
}

/** Requests a page of a collection that holds these documents, and keeps what the collection was asked for. */
async function pageFrom(documents: Document[], query: string) {
  const asked: unknown[] = [];
  const list: Collection<Document>['list'] = async (wanted) => {
    asked.push(wanted);
    return documents.slice(0, wanted.limit);
  };
  return { page: await pageOf(list, new URLSearchParams(query)), asked };
}

describe('what a collection is asked for', () => {
  test.each<[query: string, asked: object]>([
    ['', { limit: 101 }],
    ['page_size=2', { limit: 3 }],
    ['page_size=100', { limit: 101 }],
    ['page_size=0', { limit: 101 }],
    ['page_size=101', { limit: 101 }],
    ['page_size=-5', { limit: 101 }],
    ['page_token=', { limit: 101 }],
    [`page_token=${at(1)}`, { limit: 101, after: { createdAt: at(1), id: undefined } }],
    ['page_token=2026-04-21T23:15:01.000000Z', { limit: 101, after: { createdAt: at(1), id: undefined } }],
    [`page_token=${at(1)},${SECOND}`, { limit: 101, after: { createdAt: at(1), id: SECOND } }],
    [`customer_id=${FIRST}`, { limit: 101, customerId: FIRST }],
  ])('by %j is %j', async (query, asked) => {
    expect((await pageFrom([], query)).asked).toEqual([asked]);
  });
});

test.each([
  ['page_size=abc', 'page_size', 'is not a whole number'],
  ['page_size=1.5', 'page_size', 'is not a whole number'],
  ['page_token=yesterday', 'page_token', 'is not a page token that this API returned'],
  ['customer_id=x', 'customer_id', 'is not a UUID'],
])('%s is rejected by its name', async (query, field, message) => {
  await expect(pageFrom([], query)).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
    details: [{ field, message }],
  });
});

describe('the token of the next page', () => {
  const newest = { id: THIRD, tm_create: at(3) };
  const older = { id: SECOND, tm_create: at(2) };
  const asOld = { id: FIRST, tm_create: at(2) };

  test('is empty on the last page', async () => {
    expect((await pageFrom([newest, older], 'page_size=2')).page).toEqual({
      result: [newest, older],
      next_page_token: '',
    });
  });

  test('is the time of the last document', async () => {
    expect((await pageFrom([newest, older], 'page_size=1')).page.next_page_token).toBe(at(3));
  });

  test('has the id too when the next document has the same time', async () => {
    expect((await pageFrom([newest, older, asOld], 'page_size=2')).page.next_page_token).toBe(
      `${at(2)},${SECOND}`,
    );
  });
});
