import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTables } from '../src/create-tables.ts';
import { createDynamodbClient, LOCAL_AWS, startEmbeddedDynamodb } from '../src/dynamodb.ts';
import { StartError } from '../src/start-error.ts';
import type { TableDefinition } from '../src/template/tables.ts';

let client: ReturnType<typeof createDynamodbClient>;
beforeAll(async () => {
  const dynamodb = await startEmbeddedDynamodb(undefined, LOCAL_AWS);
  client = createDynamodbClient(dynamodb.endpoint, LOCAL_AWS);
  afterAll(async () => {
    client.destroy();
    await dynamodb.close();
  });
});

function table(TableName: string, ...indexes: string[]): TableDefinition {
  return {
    TableName,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: ['id', ...(indexes.length > 0 ? ['owner'] : [])].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((IndexName) => ({
        IndexName,
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  };
}

test('missing tables are created with their keys and indexes', async () => {
  await createTables(client, [table('plain'), table('indexed', 'by-owner')]);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'indexed' }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [{ IndexName: 'by-owner', IndexStatus: 'ACTIVE' }],
  });
});

test('tables of the same shape stay, in whatever order their indexes are named', async () => {
  await createTables(client, [table('twice', 'by-a', 'by-b')]);
  await expect(createTables(client, [table('twice', 'by-b', 'by-a')])).resolves.toBeUndefined();
});

test('two processes may create the same table at the same time', async () => {
  const both = [createTables(client, [table('shared')]), createTables(client, [table('shared')])];
  await expect(Promise.all(both)).resolves.toHaveLength(2);
});

test.each([
  ['another index', table('changed', 'by-customer')],
  ['no index', table('changed')],
  [
    'another key',
    { ...table('changed', 'by-owner'), KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' as const }] },
  ],
])('a table with %s is not treated as an existing one', async (_, changed) => {
  await createTables(client, [table('changed', 'by-owner')]);
  await expect(createTables(client, [changed])).rejects.toThrow(
    new StartError(
      'table changed has other keys or indexes than this version: use another DATA_DIR or delete it',
    ),
  );
});
