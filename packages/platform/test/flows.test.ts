import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { flowSchema } from '../src/records/flow.ts';
import { SEED_IDS } from '../src/seed.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { errorOf } from './http-client.ts';
import { type PlatformUnderTest, startTestPlatform } from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
let platform: PlatformUnderTest;

beforeEach(async () => {
  platform = await startTestPlatform(dynamodb);
});
afterEach(() => platform.close());

const TEMPORARY_FLOW = {
  customer_id: SEED_IDS.customer,
  type: 'flow',
  name: 'tmp',
  detail: 'of a test',
  actions: [{ type: 'answer' }, { type: 'talk', option: { text: 'Hello' } }],
  on_complete_flow_id: NIL_UUID,
  persist: false,
};
const pageSchema = z.object({ result: z.array(flowSchema), next_page_token: z.string() });
function keyed(key: string) {
  return { headers: { 'Idempotency-Key': key } };
}

async function create(key?: string) {
  return z.parse(
    flowSchema,
    (await platform.http.post('/v1/flows', TEMPORARY_FLOW, key ? keyed(key) : {})).body,
  );
}

async function temporaryFlows() {
  const { result } = z.parse(pageSchema, (await platform.http.get('/v1/flows')).body);
  return result.filter((flow) => !flow.persist);
}

test('create returns the whole flow', async () => {
  const { status, body } = await platform.http.post('/v1/flows', TEMPORARY_FLOW);
  const { id } = z.parse(flowSchema, body);
  const now = '2026-04-21 23:15:00.000000';
  expect({ status, body }).toEqual({
    status: 200,
    body: { id, ...TEMPORARY_FLOW, tm_create: now, tm_update: now, tm_delete: null },
  });
  expect((await platform.http.get(`/v1/flows/${id}`)).body).toEqual(body);
});

test('every request without a key creates a flow of its own', async () => {
  await Promise.all([create(), create()]);
  expect(await temporaryFlows()).toHaveLength(2);
});

test('any number of parallel requests with one key create one flow', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => create('key-1')));
  const [first] = made;
  for (const flow of made) expect(flow).toEqual(first);
  expect(await temporaryFlows()).toEqual([first]);
});

test('a key has the same response after a restart and after a delete, and creates nothing', async () => {
  const made = await create('key-1');
  await platform.http.delete(`/v1/flows/${made.id}`);
  await platform.close();
  platform = await startTestPlatform(dynamodb, { tableName: platform.tableName });
  expect(await create('key-1')).toEqual(made);
  expect(await temporaryFlows()).toEqual([]);
});

test('a deleted flow is not listed, is found by its id and keeps its first deletion', async () => {
  const { id } = await create();
  platform.clock.advanceTo(platform.clock.now() + 1000);
  const first = await platform.http.delete(`/v1/flows/${id}`);
  platform.clock.advanceTo(platform.clock.now() + 1000);
  const second = await platform.http.delete(`/v1/flows/${id}`);
  expect(first.body).toMatchObject({ id, tm_delete: '2026-04-21 23:15:01.000000' });
  expect(second.body).toEqual(first.body);
  expect((await platform.http.get(`/v1/flows/${id}`)).body).toEqual(first.body);
  expect(await temporaryFlows()).toEqual([]);
});

test("another customer's flow is not found", async () => {
  const { id } = await create();
  const path = `/v1/flows/${id}?customer_id=`;
  const others = await platform.http.get(`${path}11111111-1111-4111-8111-111111111111`);
  expect(errorOf(others)).toEqual({ http: 404, status: 'NOT_FOUND', reason: 'FLOW_NOT_FOUND' });
  expect((await platform.http.get(path + SEED_IDS.customer)).status).toBe(200);
});

test.each([
  ['an action without a type', { actions: [{ option: {} }] }],
  ['an unknown field', { colour: 'red' }],
  ['a nil customer', { customer_id: NIL_UUID }],
])('a flow with %s is rejected, and nothing is created', async (_, changes) => {
  const response = await platform.http.post('/v1/flows', { ...TEMPORARY_FLOW, ...changes });
  expect(errorOf(response)).toEqual({ http: 400, status: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT' });
  expect(await temporaryFlows()).toEqual([]);
});

test('a list has every flow on one page, also those of the same microsecond', async () => {
  const made = await Promise.all(Array.from({ length: 7 }, () => create()));
  const seen: string[] = [];
  let token = '';
  do {
    const path = `/v1/flows?page_size=3&page_token=${encodeURIComponent(token)}`;
    const page = z.parse(pageSchema, (await platform.http.get(path)).body);
    seen.push(...page.result.map(({ id }) => id));
    token = page.next_page_token;
  } while (token !== '');
  expect(seen).toHaveLength(8);
  expect(new Set(seen)).toEqual(new Set([SEED_IDS.flow, ...made.map(({ id }) => id)]));
  expect(seen.at(-1)).toBe(SEED_IDS.flow);
});
