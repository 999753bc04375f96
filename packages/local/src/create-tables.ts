import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { StartError } from './start-error.ts';
import type { TableDefinition } from './template/tables.ts';

/**
 * Creates the tables that are missing.
 *
 * @throws {StartError} when one exists with other keys or indexes, as an older version may have left it
 */
export async function createTables(
  client: DynamoDBClient,
  tables: readonly TableDefinition[],
): Promise<void> {
  await Promise.all(tables.map((table) => createTable(client, table)));
}

async function createTable(client: DynamoDBClient, table: TableDefinition): Promise<void> {
  const existing = await describe(client, table.TableName);
  if (existing !== undefined) {
    if (shapeOf(existing) === shapeOf(table)) return;
    throw new StartError(
      `table ${table.TableName} has other keys or indexes than this version: use another DATA_DIR or delete it`,
    );
  }
  try {
    await client.send(new CreateTableCommand(table));
  } catch (error) {
    // Another process that shares this DynamoDB was faster.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName: table.TableName });
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

type Shape = {
  KeySchema?: KeySchemaElement[] | undefined;
  GlobalSecondaryIndexes?:
    | { IndexName?: string | undefined; KeySchema?: KeySchemaElement[] | undefined }[]
    | undefined;
};

/** Returns the keys of the table and of each index in a canonical order, so that two shapes can be compared. */
function shapeOf({ KeySchema, GlobalSecondaryIndexes }: Shape): string {
  const keys = (schema: KeySchemaElement[] | undefined) =>
    (schema ?? []).map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);
  const indexes = (GlobalSecondaryIndexes ?? []).map((index) =>
    [index.IndexName, ...keys(index.KeySchema)].join(' '),
  );
  return JSON.stringify([keys(KeySchema), indexes.sort()]);
}
