import { type DynamoDBDocumentClient, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { PROVIDER_CALL_TABLE } from '../../functions/provider-calls/provider-call-item.ts';
import { formatTimestamp, timestampMilliseconds } from '../../functions/timestamp.ts';

const { partitionKey, indexes } = PROVIDER_CALL_TABLE;

const openItem = z.object({ id: z.string(), tm_create: z.string(), due: z.string() });

/**
 * Makes everything in the table that is not settled older by so many milliseconds. It is how a suite lets a minute pass
 * for a system that keeps real time: nothing but these two timestamps tells how old an intent is, and whoever made it
 * has been killed. Returns how many there were.
 */
export async function rewindOpenRecords(
  client: DynamoDBDocumentClient,
  TableName: string,
  milliseconds: number,
): Promise<number> {
  const earlier = (timestamp: string) =>
    formatTimestamp(new Date(timestampMilliseconds(timestamp) - milliseconds));
  let rewound = 0;
  const pages = paginateScan(
    { client },
    {
      TableName,
      ConsistentRead: true,
      FilterExpression: 'attribute_exists(#open)',
      ExpressionAttributeNames: { '#open': indexes.open.partitionKey },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { id, tm_create, due } of z.parse(z.array(openItem), Items)) {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: { [partitionKey]: id },
          UpdateExpression: 'SET #created = :created, #due = :due',
          ExpressionAttributeNames: { '#created': 'tm_create', '#due': indexes.open.sortKey },
          ExpressionAttributeValues: { ':created': earlier(tm_create), ':due': earlier(due) },
        }),
      );
      rewound += 1;
    }
  }
  return rewound;
}
