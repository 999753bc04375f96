import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { RESTORED_AT } from '../functions/provider-calls/provider-call-item.ts';
import { formatTimestamp } from '../functions/timestamp.ts';
import { runScript, UsageError } from './run-script.ts';

/*
 * Copies the items that are missing from a table out of a restored copy of it, with the shell's AWS credentials and
 * region (docs/operations.md, "Restore"). Existing items are never changed, so it can run while the system is in use,
 * and repeatedly. Copied items are marked, so that they are not published again.
 */

const USAGE = `Copies the items that a table lacks from a restored copy; existing items stay unchanged (docs/operations.md, "Restore").

npm run -s restore -- --from RESTORED_TABLE --to TABLE

AWS_REGION=us-east-1 npm run -s restore -- --from restored --to provider-call-prod-ProviderCalls

It can run while the system is in use, and repeatedly.`;

await runScript(USAGE, ['from', 'to'], async ({ options: { from, to } }) => {
  if (from === undefined || to === undefined || from === to) {
    throw new UsageError('npm run restore -- --from RESTORED_TABLE --to TABLE');
  }
  const client = new DynamoDBClient({});
  const key = await keyOf(client, to);
  if ((await keyOf(client, from)) !== key)
    throw new Error(`${from} is not a copy of ${to}: their keys differ`);
  const count = { restored: 0, existing: 0 };
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true })) {
    for (const item of Items) {
      const isMissing = await putMissing(client, to, key, item);
      count[isMissing ? 'restored' : 'existing'] += 1;
    }
  }
  console.log(`${count.restored} restored, ${count.existing} existed`);
});

/** Returns the name of the partition key, the only key attribute of our tables. */
async function keyOf(client: DynamoDBClient, table: string): Promise<string> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const [key, ...more] = Table?.KeySchema ?? [];
  if (key?.AttributeName === undefined || more.length > 0)
    throw new Error(`${table} has a different kind of key`);
  return key.AttributeName;
}

/** Stores the item unless one with its key exists. Returns whether it was stored. */
async function putMissing(
  client: DynamoDBClient,
  table: string,
  key: string,
  item: Record<string, AttributeValue>,
): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...item, [RESTORED_AT]: { S: formatTimestamp(new Date()) } },
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': key },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
