import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test, vi } from 'vitest';
import { verifyAccessKey } from '../../../functions/auth/access-key.ts';
import { createAccessKeyStore } from '../../../functions/auth/access-key-store.ts';
import { awsVariables, startDynamodb } from '../../dynamodb.ts';
import { IDS } from '../provider-calls/sample-record.ts';

const dynamodb = await startDynamodb();
for (const [name, value] of Object.entries(awsVariables(dynamodb))) vi.stubEnv(name, value);
let table: string;
let store: ReturnType<typeof createAccessKeyStore>;

beforeEach(async () => {
  table = await dynamodb.createAccessKeyTable();
  store = createAccessKeyStore(dynamodb.documents, table);
});

const NOW = new Date(Date.UTC(2026, 3, 21, 23, 15));
const LATER = new Date(Date.UTC(2026, 3, 22));
const NEW_KEY = { customerId: IDS.customer, name: 'deploy', permission: 1, expiresAt: LATER, now: NOW };

test('a key is returned once: the table has its hash only', async () => {
  const { key, accessKey } = await store.create(NEW_KEY);
  expect(key).toMatch(/^vb_[A-Za-z0-9_-]{43}$/);
  expect(accessKey).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    customerId: IDS.customer,
    name: 'deploy',
    permission: 1,
    createdAt: '2026-04-21 23:15:00.000000',
    expiresAt: '2026-04-22 00:00:00.000000',
    revokedAt: null,
  });
  const stored = JSON.stringify((await dynamodb.documents.send(new ScanCommand({ TableName: table }))).Items);
  expect(stored).toContain(accessKey.id);
  expect(stored).not.toContain(key.slice(3, 15));
});

test('no two keys are alike', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => store.create(NEW_KEY)));
  expect(new Set(made.flatMap(({ key, accessKey }) => [key, accessKey.id])).size).toBe(40);
});

test('the authorizer accepts a key until it expires', async () => {
  const { key, accessKey } = await store.create({ ...NEW_KEY, permission: 3 });
  expect(await verifyAccessKey(key, table, NOW)).toEqual({
    customerId: IDS.customer,
    actor: { type: 'accesskey', id: accessKey.id },
    permission: 3,
  });
  await expect(verifyAccessKey(key, table, LATER)).rejects.toMatchObject({
    reason: 'AUTHENTICATION_REQUIRED',
  });
});

test('a key without an expiry never expires', async () => {
  const { key } = await store.create({ ...NEW_KEY, expiresAt: null });
  expect(await verifyAccessKey(key, table, new Date(Date.UTC(9998, 0)))).toMatchObject({ permission: 1 });
});

test('a revoked key is rejected at once, and the first revocation remains', async () => {
  const { key, accessKey } = await store.create(NEW_KEY);
  const other = await store.create(NEW_KEY);
  const revoked = { ...accessKey, revokedAt: '2026-04-21 23:15:00.000000' };
  expect(await store.revoke({ id: accessKey.id, now: NOW })).toEqual(revoked);
  await expect(verifyAccessKey(key, table, NOW)).rejects.toMatchObject({ reason: 'AUTHENTICATION_REQUIRED' });
  expect(await store.revoke({ id: accessKey.id, now: LATER })).toEqual(revoked);
  expect(await verifyAccessKey(other.key, table, NOW)).toMatchObject({ permission: 1 });
});

test.each([
  ['NULL', { tm_delete: null, tm_expire: null }],
  ['the end of time', { tm_delete: '9999-01-01 00:00:00.000000' }],
])(
  'a key that the platform wrote, with %s for "not deleted", is listed as valid and can be revoked',
  async (_what, times) => {
    const { accessKey } = await store.create({ ...NEW_KEY, expiresAt: null });
    const { Items = [] } = await dynamodb.documents.send(new ScanCommand({ TableName: table }));
    await dynamodb.documents.send(new PutCommand({ TableName: table, Item: { ...Items[0], ...times } }));
    expect(await store.list()).toEqual([accessKey]);
    const revoked = { ...accessKey, revokedAt: '2026-04-21 23:15:00.000000' };
    expect(await store.revoke({ id: accessKey.id, now: NOW })).toEqual(revoked);
    expect(await store.list()).toEqual([revoked]);
  },
);

test('a key that does not exist cannot be revoked', async () => {
  expect(await store.revoke({ id: IDS.record, now: NOW })).toBeUndefined();
});

test('the list has every key, the oldest first, without a hash', async () => {
  const second = await store.create({ ...NEW_KEY, name: 'second', now: LATER });
  const first = await store.create({ ...NEW_KEY, name: 'first' });
  expect(await store.list()).toEqual([first.accessKey, second.accessKey]);
});
