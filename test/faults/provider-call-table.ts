import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PROVIDER_CALL_TABLE } from '../../functions/provider-calls/provider-call-item.ts';

const { partitionKey, indexes } = PROVIDER_CALL_TABLE;

/** Creates an empty ProviderCall table and returns its name. */
export async function createProviderCallTable(client: DynamoDBClient): Promise<string> {
  const name = `providercall-${randomUUID()}`;
  const sparse = Object.values(indexes);
  const attributes = new Set([
    partitionKey,
    ...sparse.flatMap((index) => [index.partitionKey, index.sortKey]),
  ]);
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map((attribute) => ({
        AttributeName: attribute,
        AttributeType: 'S',
      })),
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
      GlobalSecondaryIndexes: sparse.map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.partitionKey, KeyType: 'HASH' },
          { AttributeName: index.sortKey, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  return name;
}
