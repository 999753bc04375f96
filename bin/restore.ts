import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  ResourceNotFoundException,
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
  if (from === undefined || to === undefined) {
    throw new UsageError('npm run restore -- --from RESTORED_TABLE --to TABLE');
  }
  if (from === to) {
    throw new UsageError(`--from and --to are both ${to}: name the restored copy and the table in use`);
  }
  const client = new DynamoDBClient({});
  await requireAccess(client);
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

/** Makes sure that there are a region and credentials. */
async function requireAccess({ config }: DynamoDBClient): Promise<void> {
  try {
    await config.region();
    await config.credentials();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${what}: set AWS_REGION and AWS_PROFILE, or the variables of your credentials`, {
      cause,
    });
  }
}

/** Returns the name of the partition key, the only key attribute of our tables. */
async function keyOf(client: DynamoDBClient, table: string): Promise<string> {
  const { Table } = await client
    .send(new DescribeTableCommand({ TableName: table }))
    .catch(async (cause: unknown) => {
      if (!(cause instanceof ResourceNotFoundException)) throw cause;
      const region = await client.config.region();
      throw new Error(`there is no table ${table} in ${region}: check its name, the region and the account`, {
        cause,
      });
    });
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
