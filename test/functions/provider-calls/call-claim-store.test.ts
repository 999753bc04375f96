import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import {
  type CallClaimStore,
  createCallClaimStore,
} from '../../../functions/provider-calls/call-claim-store.ts';
import { openKeys, toItem } from '../../../functions/provider-calls/provider-call-item.ts';
import { startDynamodb } from '../../dynamodb.ts';
import { IDS, sampleIntent, sampleUnconfirmed } from './sample-record.ts';

const dynamodb = await startDynamodb();
let table: string;
let claims: CallClaimStore;

beforeEach(async () => {
  table = await dynamodb.createProviderCallTable();
  claims = createCallClaimStore(dynamodb.documents, table);
});

const OTHER = '00000000-0000-4000-8000-000000000002';
const CALL = { kind: 'call', id: IDS.call } as const;
const GROUPCALL = { kind: 'groupcall', id: IDS.groupcall } as const;

test('a record claims calls and groupcalls, and can do so again', async () => {
  expect(await claims.claim({ owner: IDS.record, calls: [CALL, GROUPCALL] })).toBe(true);
  expect(await claims.claim({ owner: IDS.record, calls: [CALL, GROUPCALL] })).toBe(true);
  expect(await claims.findOwners([CALL, GROUPCALL])).toEqual(
    new Map([
      [IDS.call, IDS.record],
      [IDS.groupcall, IDS.record],
    ]),
  );
});

test('a call that another record has claimed stays the other’s', async () => {
  await claims.claim({ owner: OTHER, calls: [CALL] });
  expect(await claims.claim({ owner: IDS.record, calls: [CALL, GROUPCALL] })).toBe(false);
  expect(await claims.findOwners([CALL])).toEqual(new Map([[IDS.call, OTHER]]));
});

test('of two records that claim a call at once, one gets it', async () => {
  const owners = [IDS.record, OTHER];
  const results = await Promise.all(owners.map((owner) => claims.claim({ owner, calls: [CALL] })));
  expect(results.toSorted()).toEqual([false, true]);
  expect((await claims.findOwners([CALL])).get(IDS.call)).toBe(owners[results.indexOf(true)]);
});

test('a call that nobody has claimed has no owner', async () => {
  expect(await claims.findOwners([CALL])).toEqual(new Map());
});

test('owners are read with consistency, so that a call that was just claimed is nobody else’s', async () => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const mock = mockClient(documents);
  mock.on(GetCommand).resolves({});
  await createCallClaimStore(documents, 'calls').findOwners([CALL, GROUPCALL]);
  expect(mock.calls().map(({ args }) => args[0].input)).toEqual([
    { TableName: 'calls', Key: { id: `call:${IDS.call}` }, ConsistentRead: true },
    { TableName: 'calls', Key: { id: `groupcall:${IDS.groupcall}` }, ConsistentRead: true },
  ]);
});

test('the open records of a customer through a provider are those that are still to be settled', async () => {
  const id = (digit: number) => `0000000${digit}-0000-4000-8000-000000000000`;
  const items = [
    sampleIntent({ id: id(1) }),
    sampleUnconfirmed({ id: id(2) }),
    sampleIntent({ id: id(3), customerId: IDS.otherCustomer }),
    sampleIntent({ id: id(4), providerId: IDS.otherProvider }),
  ].map((stored) => ({ ...toItem(stored), ...openKeys('2026-04-21 23:16:00.000000') }));
  for (const Item of [...items, toItem(sampleIntent({ id: id(5) }))]) {
    await dynamodb.documents.send(new PutCommand({ TableName: table, Item }));
  }
  const open = await claims.listOpenRecords({ customerId: IDS.customer, providerId: IDS.provider });
  expect(open.map((record) => record.id).toSorted()).toEqual([id(1), id(2)]);
});
