import { createHash } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashAccessKey, verifyAccessKey } from '../../../functions/auth/access-key.ts';
import { awsVariables, startDynamodb } from '../../dynamodb.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';
import { IDS } from '../provider-calls/sample-record.ts';

const dynamodb = await startDynamodb();
const table = await dynamodb.createAccessKeyTable();
const recorder = await startBackend();
const NOW = new Date(Date.UTC(2026, 3, 21, 23, 15));
const key = `vb_${'A'.repeat(43)}`;

for (const [name, value] of Object.entries(awsVariables(dynamodb))) vi.stubEnv(name, value);
afterAll(() => {
  vi.unstubAllEnvs();
});
beforeEach(() => dynamodb.forget());

function store(changes: Record<string, unknown> = {}) {
  return dynamodb.documents.send(
    new PutCommand({
      TableName: table,
      Item: {
        key_hash: createHash('sha256').update(key).digest('hex'),
        id: 'a0000000-0000-4000-8000-000000000001',
        customer_id: IDS.customer,
        permission: 1,
        ...changes,
      },
    }),
  );
}
function verify(presented = key) {
  return verifyAccessKey(presented, table, NOW);
}

test('the hash is SHA-256 of the whole key', () => {
  expect(hashAccessKey(key)).toBe(createHash('sha256').update(key).digest('hex'));
});

test.each([
  ['without an end', {}],
  ['with an end to come', { tm_expire: '2026-04-21 23:15:00.001000' }],
])('a key %s represents its customer', async (_what, changes) => {
  await store({ permission: 0xffff, ...changes });
  dynamodb.forget();
  expect(await verify()).toEqual({
    customerId: IDS.customer,
    actor: { type: 'accesskey', id: 'a0000000-0000-4000-8000-000000000001' },
    permission: 0xffff,
  });
  expect(dynamodb.operations).toEqual(['GetItem']);
});

test('a key is read by its hash and with consistency, so that one that was just revoked is', async () => {
  recorder.respond = jsonResponse(200, {});
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', recorder.url);
  onTestFinished(() => void vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamodb.endpoint));
  await expect(verify()).rejects.toMatchObject({ fault: 'unknown' });
  expect(recorder.received.map(({ body }) => body)).toEqual([
    { TableName: table, Key: { key_hash: { S: hashAccessKey(key) } }, ConsistentRead: true },
  ]);
});

describe('a row as the platform writes it', () => {
  test.each([
    ['tm_delete NULL', { tm_delete: null }],
    ['tm_delete and tm_expire NULL', { tm_delete: null, tm_expire: null }],
    ['the end of time', { tm_delete: '9999-01-01 00:00:00.000000' }],
    [
      'the end of time with T and Z',
      { tm_delete: '9999-01-01T00:00:00Z', tm_expire: '9999-01-01T00:00:00Z' },
    ],
    ['an end to come without microseconds', { tm_expire: '2026-04-21 23:15:01' }],
    ['an end to come with T and Z', { tm_expire: '2026-04-21T23:15:00.001Z' }],
    ['an end to come with nanoseconds', { tm_expire: '2026-04-21T23:15:00.123456789Z' }],
    ['an id in capitals', { id: 'A0000000-0000-4000-8000-000000000001' }],
  ])('with %s is valid', async (_what, changes) => {
    await store(changes);
    expect(await verify()).toMatchObject({ customerId: IDS.customer });
  });

  test.each([
    ['expired', 'an end just now without microseconds', { tm_expire: '2026-04-21 23:15:00' }],
    ['expired', 'an end just now with T and Z', { tm_expire: '2026-04-21T23:15:00Z' }],
    ['expired', 'an end just now with nanoseconds', { tm_expire: '2026-04-21T23:15:00.000000999Z' }],
    ['malformed_row', 'an end with ten digits', { tm_expire: '2026-04-21T23:15:01.0000000000Z' }],
    ['revoked', 'a deletion without microseconds', { tm_delete: '2026-04-21 23:15:00' }],
    ['revoked', 'a deletion to come', { tm_delete: '9998-12-31 23:59:59.999999' }],
    ['revoked', 'a deletion at no time', { tm_delete: '' }],
    ['malformed_row', 'an end that is a number', { tm_expire: 1 }],
    ['malformed_row', 'a deletion that is a number', { tm_delete: 1 }],
    ['malformed_row', 'a deletion that is false', { tm_delete: false }],
    ['malformed_row', 'an end on no day', { tm_expire: '2026-02-30 00:00:00' }],
    ['malformed_row', 'no text as id', { id: null }],
    ['malformed_row', 'an id that is not a UUID', { id: 'key' }],
    ['malformed_row', 'the nil customer', { customer_id: '00000000-0000-0000-0000-000000000000' }],
    ['malformed_row', 'a customer that would be another index key', { customer_id: `${IDS.customer}#x` }],
    ['malformed_row', 'a mask that is text', { permission: '1' }],
    ['malformed_row', 'half a mask', { permission: 0.5 }],
  ])('is %s with %s', async (fault, _what, changes) => {
    await store(changes);
    await expect(verify()).rejects.toMatchObject({ reason: 'AUTHENTICATION_REQUIRED', fault });
  });
});
describe('an access key is rejected:', () => {
  const error = { reason: 'AUTHENTICATION_REQUIRED' };

  test.each([
    ['one that has just ended', { tm_expire: '2026-04-21 23:15:00.000000' }],
    ['one that ended long ago', { tm_expire: '2020-01-01T00:00:00.000000Z' }],
    ['one that was revoked', { tm_delete: '2026-04-21 23:00:00.000000' }],
    [
      'one that was revoked before its expiry',
      { tm_delete: '2026-04-21 23:00:00.000000', tm_expire: '2030-01-01 00:00:00.000000' },
    ],
  ])('%s', async (_what, changes) => {
    await store(changes);
    await expect(verify()).rejects.toMatchObject(error);
  });

  test('one that is not in the table', async () => {
    await expect(verify(`vb_${'B'.repeat(43)}`)).rejects.toMatchObject(error);
  });

  test.each([
    ['an empty one', ''],
    ['a prefix alone', 'vb_'],
    ['one that is too short', 'vb_short'],
    ['one that is too long', `vb_${'A'.repeat(201)}`],
    ['a prefix in capitals', `VB_${'A'.repeat(43)}`],
    ['a space before it', ` ${key}`],
    ['a line break after it', `${key}\n`],
    ['a quotation mark after it', `${key}'--`],
    ['one without a prefix', 'A'.repeat(43)],
    ['a million characters', 'x'.repeat(1_000_000)],
  ])('%s, without a read of the table', async (_what, presented) => {
    await expect(verify(presented)).rejects.toMatchObject(error);
    expect(dynamodb.operations).toEqual([]);
  });

  test('the stored hash itself', async () => {
    await store();
    await expect(verify(hashAccessKey(key))).rejects.toMatchObject(error);
  });
});

test.each([
  ['no customer', { customer_id: undefined }],
  ['a mask that is text', { permission: '1' }],
  ['a negative mask', { permission: -1 }],
  ['half a mask', { permission: 0.5 }],
  ['an expiry that is not a time', { tm_expire: 'never' }],
])('an item with %s admits nobody', async (_what, changes) => {
  await store(
    Object.fromEntries(
      Object.entries({ customer_id: IDS.customer, ...changes }).filter(([, value]) => value !== undefined),
    ),
  );
  if ('customer_id' in changes) {
    await dynamodb.documents.send(
      new PutCommand({
        TableName: table,
        Item: { key_hash: hashAccessKey(key), id: 'a0000000-0000-4000-8000-000000000001', permission: 1 },
      }),
    );
  }
  await expect(verify()).rejects.toThrow();
});

test('a table that cannot be read is an internal error', async () => {
  await expect(verifyAccessKey(key, 'no-such-table', NOW)).rejects.toThrow(
    /^dynamodb GetItem returned 400: .*ResourceNotFoundException$/,
  );
});
