import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  pageTokenBetween,
  pageTokenSchema,
  sortBound,
} from '../../../functions/provider-calls/page-token.ts';
import { createdAt, ids } from './sample-record.ts';

describe('a page token', () => {
  test.each([
    ['2026-04-21 23:15:00.000000', { createdAt, id: undefined }],
    ['2026-04-21T23:15:00.000000Z', { createdAt, id: undefined }],
    [`2026-04-21 23:15:00.000000,${ids.record}`, { createdAt, id: ids.record }],
    [`2026-04-21T23:15:00.000000Z,${ids.record.toUpperCase()}`, { createdAt, id: ids.record }],
  ])('%s', (token, position) => {
    expect(pageTokenSchema.parse(token)).toEqual(position);
  });

  test.each([
    [''],
    ['1'],
    ['abc'],
    [','],
    ['2026-04-21 23:15:00.000000,'],
    ['2026-04-21 23:15:00.000000,abc'],
    [`2026-04-21 23:15:00.000000,${ids.record},${ids.record}`],
    [`${ids.record},2026-04-21 23:15:00.000000`],
    ['2026-04-21 23:15:00.000000#'],
    [`2026-04-21 23:15:00.000000#${ids.record}`],
    ['9999-99-99 99:99:99.999999'],
    ['eyJpZCI6eyJTIjoiYjdkMWMwZjYifX0='],
  ])('%j is rejected', (token) => {
    expect(z.safeParse(pageTokenSchema, token).success).toBe(false);
  });
});

describe('the token between two pages', () => {
  const last = { createdAt, id: ids.record };

  test.each([
    ['is the timestamp as it stands', { createdAt: '2026-04-21 23:14:59.999999' }, createdAt],
    [
      'carries the id where the next record has the same timestamp',
      { createdAt },
      `${createdAt},${ids.record}`,
    ],
    ['carries the id where the next record is not known', undefined, `${createdAt},${ids.record}`],
  ])('%s', (_what, next, token) => {
    expect(pageTokenBetween(last, next)).toBe(token);
    expect(pageTokenSchema.parse(token)).toEqual({
      createdAt,
      id: token === createdAt ? undefined : ids.record,
    });
  });
});

test('a bound without an id is before every record of its microsecond', () => {
  const orders = ['2026-04-21 23:14:59.999999#ffffffff', `${createdAt}#00000000`, `${createdAt}#ffffffff`];
  const bound = sortBound({ createdAt, id: undefined });
  expect(orders.filter((order) => order < bound)).toEqual(orders.slice(0, 1));
});
