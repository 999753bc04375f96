import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import dynaliteDb from 'dynalite/db/index.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTables } from '../src/create-tables.ts';
import { createDynamodbClient, startEmbeddedDynamodb } from '../src/dynamodb.ts';
import { finishTornWrites } from '../src/finish-torn-writes.ts';

/* A process that is killed while dynalite writes: some index entries are written, and the item is not yet. */

type Item = Record<string, AttributeValue>;

const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const TABLE = 'things';
const OLD: Item = { id: { S: '1' }, owner: { S: 'a' }, colour: { S: 'red' } };
const CHANGED: Item = { id: { S: '1' }, owner: { S: 'b' }, colour: { S: 'blue' } };
const SETTLED: Item = { id: { S: '1' } };

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'data-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function started<Result>(
  work: (client: ReturnType<typeof createDynamodbClient>) => Promise<Result>,
): Promise<Result> {
  const dynamodb = await startEmbeddedDynamodb(dataDir, ACCESS);
  const client = createDynamodbClient(dynamodb.endpoint, ACCESS);
  try {
    return await work(client);
  } finally {
    client.destroy();
    await dynamodb.close();
  }
}

function write(items: Item[]) {
  return started(async (client) => {
    await createTables(client, [
      {
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: ['id', 'owner', 'colour'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        GlobalSecondaryIndexes: ['owner', 'colour'].map((AttributeName) => ({
          IndexName: AttributeName,
          KeySchema: [{ AttributeName, KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        })),
      },
    ]);
    for (const Item of items) await client.send(new PutItemCommand({ TableName: TABLE, Item }));
  });
}

/** Makes the stored item, and entries of it where they are named, into what a torn write leaves. */
async function tear(stored: Item | undefined, lostEntries: { of: Item; in: string }[] = []) {
  const store = dynaliteDb.create({ path: join(dataDir, 'dynamodb') });
  const definition = await promisify(store.getTable)(TABLE);
  const items = store.getItemDb(TABLE);
  const key = dynaliteDb.createKey(OLD, definition);
  await (stored === undefined ? promisify(items.del)(key) : promisify(items.put)(key, stored));
  for (const lost of lostEntries) {
    const index = definition.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === lost.in);
    if (index === undefined) throw new Error(`no index ${lost.in}`);
    const entry = dynaliteDb.createIndexKey(lost.of, definition, index.KeySchema);
    await promisify(store.getIndexDb('Global', TABLE, lost.in).del)(entry);
  }
  await store.db.close();
}

/** What the table and each of its indexes hold after the next start. */
function held() {
  return started(async (client) => {
    const scan = async (IndexName?: string) =>
      (await client.send(new ScanCommand({ TableName: TABLE, IndexName }))).Items;
    return { items: await scan(), owner: await scan('owner'), colour: await scan('colour') };
  });
}

test('a new item that only its index holds is written', async () => {
  await write([OLD]);
  await tear(undefined);
  expect(await held()).toEqual({ items: [OLD], owner: [OLD], colour: [OLD] });
});

test('a new item that only one of its indexes holds is written, and so is its other entry', async () => {
  await write([OLD]);
  await tear(undefined, [{ of: OLD, in: 'colour' }]);
  expect(await held()).toEqual({ items: [OLD], owner: [OLD], colour: [OLD] });
});

test('a change that only the indexes hold is finished', async () => {
  await write([OLD, CHANGED]);
  await tear(OLD);
  expect(await held()).toEqual({ items: [CHANGED], owner: [CHANGED], colour: [CHANGED] });
});

test('a change is undone if none of its entries was written', async () => {
  await write([OLD, CHANGED]);
  await tear(OLD, [
    { of: CHANGED, in: 'owner' },
    { of: CHANGED, in: 'colour' },
  ]);
  expect(await held()).toEqual({ items: [OLD], owner: [OLD], colour: [OLD] });
});

test('an item that lost its entries to a change without index keys gets them back', async () => {
  await write([OLD, SETTLED]);
  await tear(OLD);
  expect(await held()).toEqual({ items: [OLD], owner: [OLD], colour: [OLD] });
});

test('consistent items are not written', async () => {
  await write([OLD, { ...CHANGED, id: { S: '2' } }, { id: { S: '3' } }]);
  expect(await started(finishTornWrites)).toBe(0);
});
