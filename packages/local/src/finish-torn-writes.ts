import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  PutItemCommand,
  paginateListTables,
  paginateScan,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/**
 * Makes the indexes of the embedded DynamoDB consistent with its tables again.
 *
 * DynamoDB writes an item and its index entries atomically; dynalite writes the entries first and the item last, so a
 * process that is killed in between leaves an entry without an item, or an item that is missing from its index. No
 * client has seen such a write succeed, so it may be finished or undone: if an index has the new version of the item,
 * the write is finished; otherwise the item's entries are written again. All indexes must project all attributes.
 *
 * @returns how many items were written again
 */
export async function finishTornWrites(client: DynamoDBClient): Promise<number> {
  let written = 0;
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const name of TableNames) written += await finishTable(client, name);
  }
  return written;
}

async function finishTable(client: DynamoDBClient, name: string): Promise<number> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const keyNames = namesIn(Table?.KeySchema);
  const keyOf = (item: Item) => JSON.stringify(keyNames.map((attribute) => item[attribute]));
  const items = new Map((await scan(client, name)).map((item) => [keyOf(item), item]));
  let written = 0;
  const write = async (Item: Item) => {
    // Writing the item also writes its entries in all indexes, and removes those of its earlier version.
    await client.send(new PutItemCommand({ TableName: name, Item }));
    items.set(keyOf(Item), Item);
    written += 1;
  };
  for (const { IndexName, KeySchema } of Table?.GlobalSecondaryIndexes ?? []) {
    const indexed = new Set<string>();
    for (const entry of await scan(client, name, IndexName)) {
      indexed.add(keyOf(entry));
      if (!isDeepStrictEqual(items.get(keyOf(entry)), entry)) await write(entry);
    }
    const indexNames = namesIn(KeySchema);
    const isIndexed = (item: Item) => indexNames.every((attribute) => attribute in item);
    for (const [key, item] of items) {
      if (isIndexed(item) && !indexed.has(key)) await write(item);
    }
  }
  return written;
}

/** Returns the names of a key's attributes, which DynamoDB always returns, although its types make them optional. */
function namesIn(schema: readonly KeySchemaElement[] | undefined): string[] {
  const names = (schema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
  if (names.length === 0) throw new Error('a table or an index without a key');
  return names;
}

async function scan(client: DynamoDBClient, TableName: string, IndexName?: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName, IndexName })) items.push(...Items);
  return items;
}
