import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { listedBetween, momentSchema } from '../../../functions/backends/listed-pages.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { clientOf, listing } from './amqp-managers.ts';

const START = Date.parse('2026-04-21T23:15:00Z');
const schema = z.object({ id: z.string(), tm_create: momentSchema });
function at(milliseconds: number) {
  return new Date(START + milliseconds).toISOString();
}

async function listed(times: number[], from: number, to: number) {
  const rows = times.map((time, index) => ({ id: `row-${index}`, customer: 'c1', tm_create: at(time) }));
  const others = [{ id: 'other', customer: 'c2', tm_create: at(0) }];
  const { client, sent } = clientOf(listing({ '/v1/rows': [...rows, ...others] }));
  const backend = createAmqpBackend({ name: 'call', client, queue: 'q', timeoutMs: 500 });
  const items = await listedBetween(backend, createRequestScope('request-1'), {
    name: 'call',
    path: '/v1/rows',
    filters: { customer: 'c1' },
    schema,
    from: START + from,
    to: START + to,
  });
  return { ids: items.map(({ id }) => Number(id.slice(4))).sort((a, b) => a - b), sent };
}

test('a list has exactly what was created within the period, including its ends', async () => {
  expect((await listed([-1, 0, 500, 1_000, 1_001], 0, 1_000)).ids).toEqual([1, 2, 3]);
});

test('pages are requested until one is older than the period', async () => {
  const times = Array.from({ length: 350 }, (_, index) => 1_000 - index);
  const { ids, sent } = await listed(times, 850, 1_000);
  expect(ids).toEqual(Array.from({ length: 151 }, (_, index) => index));
  expect(sent.map(({ envelope }) => envelope.uri)).toEqual([
    '/v1/rows?page_size=100&page_token=2026-04-21T23%3A15%3A01.001000Z',
    '/v1/rows?page_size=100&page_token=2026-04-21T23%3A15%3A00.902000Z',
  ]);
});

test('nothing is skipped of what was created in the millisecond at which a page ends', async () => {
  const times = [...Array.from({ length: 99 }, () => 900), ...Array.from({ length: 40 }, () => 800)];
  expect((await listed(times, 0, 1_000)).ids).toHaveLength(139);
});

test('a list with a full page of items of one millisecond cannot be read', async () => {
  await expect(
    listed(
      Array.from({ length: 101 }, () => 900),
      0,
      1_000,
    ),
  ).rejects.toMatchObject({
    outcome: 'unknown',
  });
});

test('pages are requested until there is nothing new, even if a page is short', async () => {
  const rows = [3, 2, 1].map((time) => ({ id: `row-${time}`, tm_create: at(time) }));
  const list = listing({ '/v1/rows': rows });
  const { client } = clientOf((envelope) => list({ ...envelope, uri: envelope.uri.replace('100', '2') }));
  const backend = createAmqpBackend({ name: 'call', client, queue: 'q', timeoutMs: 500 });
  const period = { from: START, to: START + 10 };
  const items = await listedBetween(backend, createRequestScope('r'), {
    name: 'call',
    path: '/v1/rows',
    filters: {},
    schema,
    ...period,
  });
  expect(items.map(({ id }) => id)).toEqual(['row-3', 'row-2', 'row-1']);
});

test.each(['null', '[]'])('%s is an empty list', async (data) => {
  const { client } = clientOf(() => `{"status_code":200,"data":${data}}`);
  const backend = createAmqpBackend({ name: 'call', client, queue: 'q', timeoutMs: 500 });
  const empty = { name: 'call', path: '/v1/rows', filters: {}, schema, from: 0, to: 1 };
  expect(await listedBetween(backend, createRequestScope('r'), empty)).toEqual([]);
});

test.each([
  ['2026-04-21T23:15:00Z', 0],
  ['2026-04-21T23:15:00.1Z', 100],
  ['2026-04-21T23:15:00.123456789Z', 123],
  ['2026-04-22T01:15:00+02:00', 0],
  ['2026-04-21 23:15:00.500000', 500],
])('%s is a time', (text, milliseconds) => {
  expect(z.parse(momentSchema, text)).toBe(START + milliseconds);
});

test('text that is not a time is rejected', () => {
  expect(z.safeParse(momentSchema, 'yesterday').success).toBe(false);
});
