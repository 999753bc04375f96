import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTables } from '../src/create-tables.ts';
import { createDynamodbClient, startEmbeddedDynamodb, useDynamodb } from '../src/dynamodb.ts';
import { StartError } from '../src/start-error.ts';
import type { TableDefinition } from '../src/template/tables.ts';

const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

function table(TableName: string, index: string): TableDefinition {
  return {
    TableName,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: index,
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
}

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'data-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

test('DATA_DIR keeps what was written from one start to the next, and admits one process at a time', async () => {
  const first = await startEmbeddedDynamodb(dataDir, ACCESS);
  const client = createDynamodbClient(first.endpoint, ACCESS);
  await createTables(client, [table('things', 'by-owner')]);
  await client.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'kept' } } }));
  await expect(startEmbeddedDynamodb(dataDir, ACCESS)).rejects.toThrow(
    new StartError(`DATA_DIR ${dataDir} cannot be used, or another process uses it`),
  );
  client.destroy();
  await first.close();

  const second = await startEmbeddedDynamodb(dataDir, ACCESS);
  const again = createDynamodbClient(second.endpoint, ACCESS);
  await createTables(again, [table('things', 'by-owner')]);
  const { Item } = await again.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: 'kept' } } }));
  expect(Item).toEqual({ id: { S: 'kept' } });
  await expect(createTables(again, [table('things', 'by-customer')])).rejects.toThrow(
    new StartError(
      'table things has other keys or indexes than this version: use another DATA_DIR or delete it',
    ),
  );
  again.destroy();
  await second.close();
});

test('a DATA_DIR that is not a folder is reported', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(startEmbeddedDynamodb(file, ACCESS)).rejects.toThrow(StartError);
});

test('a DYNAMODB_ENDPOINT that does not respond is reported', async () => {
  await expect(useDynamodb('http://127.0.0.1:1', ACCESS)).rejects.toThrow(
    /^DYNAMODB_ENDPOINT http:\/\/127\.0\.0\.1:1 does not respond: /,
  );
});

test('idle connections stay open, so none is closed as it is used again', async () => {
  const dynamodb = await startEmbeddedDynamodb(undefined, ACCESS);
  const { headers } = await fetch(dynamodb.endpoint);
  // The header in which Node's server announces how long it keeps them.
  expect([headers.get('connection'), headers.get('keep-alive')]).toEqual(['keep-alive', null]);
  await dynamodb.close();
});
