import { parseArgs } from 'node:util';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';

/*
 * Puts into a table what it lacks of a restored copy of it, by the AWS credentials and region at hand (docs/operations.md,
 * "Restore"). What the table has is never changed: it can be run while the system is at work, and again.
 */

const usage = 'npm run restore -- --from RESTORED_TABLE --to TABLE';

/** Name of the partition key, which is all the key that our tables have. */
const keyOf = async (client: DynamoDBClient, table: string): Promise<string> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const [key, ...more] = Table?.KeySchema ?? [];
  if (key?.AttributeName === undefined || more.length > 0)
    throw new Error(`${table} has another kind of key`);
  return key.AttributeName;
};

/** Puts the item where there is none of its key. Gives whether it did. */
const putMissing = async (
  client: DynamoDBClient,
  table: string,
  key: string,
  item: Record<string, AttributeValue>,
): Promise<boolean> => {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': key },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

const run = async (): Promise<void> => {
  const { from, to } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } }).values;
  if (from === undefined || to === undefined || from === to) throw new Error(usage);
  const client = new DynamoDBClient({});
  const key = await keyOf(client, to);
  if ((await keyOf(client, from)) !== key) throw new Error(`${from} is no copy of ${to}: their keys differ`);
  const count = { put: 0, there: 0 };
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true })) {
    for (const item of Items) {
      const isMissing = await putMissing(client, to, key, item);
      count[isMissing ? 'put' : 'there'] += 1;
    }
  }
  console.log(`${count.put} put back, ${count.there} were there`);
};

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message || error.name : error);
  process.exitCode = 1;
}
