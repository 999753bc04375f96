import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  pageTokenBetween,
  pageTokenSchema,
  sortBound,
} from '../../../functions/provider-calls/page-token.ts';
import { CREATED_AT, IDS } from './sample-record.ts';

describe('a page token', () => {
  test.each([
    ['2026-04-21 23:15:00.000000', { createdAt: CREATED_AT, id: undefined }],
    ['2026-04-21T23:15:00.000000Z', { createdAt: CREATED_AT, id: undefined }],
    [`2026-04-21 23:15:00.000000,${IDS.record}`, { createdAt: CREATED_AT, id: IDS.record }],
    [`2026-04-21T23:15:00.000000Z,${IDS.record.toUpperCase()}`, { createdAt: CREATED_AT, id: IDS.record }],
  ])('may be %s', (token, position) => {
    expect(pageTokenSchema.parse(token)).toEqual(position);
  });

  test.each([
    [''],
    ['1'],
    ['abc'],
    [','],
    ['2026-04-21 23:15:00.000000,'],
    ['2026-04-21 23:15:00.000000,abc'],
    [`2026-04-21 23:15:00.000000,${IDS.record},${IDS.record}`],
    [`${IDS.record},2026-04-21 23:15:00.000000`],
    ['2026-04-21 23:15:00.000000#'],
    [`2026-04-21 23:15:00.000000#${IDS.record}`],
    ['9999-99-99 99:99:99.999999'],
    ['eyJpZCI6eyJTIjoiYjdkMWMwZjYifX0='],
  ])('%j is rejected', (token) => {
    expect(z.safeParse(pageTokenSchema, token).success).toBe(false);
  });
});

describe('the token between two pages', () => {
  const last = { createdAt: CREATED_AT, id: IDS.record };

  test.each([
    ['is the timestamp as it stands', { createdAt: '2026-04-21 23:14:59.999999' }, CREATED_AT],
    [
      'carries the id where the next record has the same timestamp',
      { createdAt: CREATED_AT },
      `${CREATED_AT},${IDS.record}`,
    ],
    ['carries the id where the next record is not known', undefined, `${CREATED_AT},${IDS.record}`],
  ])('%s', (_what, next, token) => {
    expect(pageTokenBetween(last, next)).toBe(token);
    expect(pageTokenSchema.parse(token)).toEqual({
      createdAt: CREATED_AT,
      id: token === CREATED_AT ? undefined : IDS.record,
    });
  });
});

test('a bound without an id is before every record of its microsecond', () => {
  const orders = ['2026-04-21 23:14:59.999999#ffffffff', `${CREATED_AT}#00000000`, `${CREATED_AT}#ffffffff`];
  const bound = sortBound({ createdAt: CREATED_AT, id: undefined });
  expect(orders.filter((order) => order < bound)).toEqual(orders.slice(0, 1));
});
