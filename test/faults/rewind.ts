import {
  type DynamoDBDocumentClient,
  paginateQuery,
  paginateScan,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import * as z from 'zod/mini';
import { PROVIDER_CALL_TABLE } from '../../functions/provider-calls/provider-call-item.ts';
import { formatTimestamp, timestampMilliseconds } from '../../functions/timestamp.ts';

const { partitionKey, indexes } = PROVIDER_CALL_TABLE;

const openItem = z.object({ id: z.string(), tm_create: z.string(), due: z.string() });

/**
 * The kinds of the stand-in's documents with which an open record is compared, each with the attribute that
 * holds its time of creation.
 */
const DATED = {
  call: ['document', 'call', 'tm_create'],
  groupcall: ['document', 'tm_create'],
  flow: ['document', 'tm_create'],
};

/**
 * Makes everything unsettled in the table older by a number of milliseconds, along with what the stand-in has
 * created since the oldest of it, because without keys a record's calls are identified by their time of
 * creation. This is how a suite lets minutes pass for a system in real time: the age of an intent is known only
 * from these timestamps, and its create has been killed. Returns the number of records.
 */
export async function rewindOpenRecords(
  client: DynamoDBDocumentClient,
  TableName: string,
  milliseconds: number,
): Promise<number> {
  const earlier = (timestamp: string) =>
    formatTimestamp(new Date(timestampMilliseconds(timestamp) - milliseconds));
  const created: string[] = [];
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
      created.push(tm_create);
    }
  }
  const [oldest] = created.toSorted();
  if (oldest !== undefined) await rewindPlatform(client, oldest, earlier);
  return created.length;
}

async function rewindPlatform(
  client: DynamoDBDocumentClient,
  since: string,
  earlier: (timestamp: string) => string,
): Promise<void> {
  const { byKind } = PLATFORM_TABLE.indexes;
  const listed = z.object({ [PLATFORM_TABLE.partitionKey]: z.string(), [byKind.sortKey]: z.string() });
  for (const [kind, path] of Object.entries(DATED)) {
    const pages = paginateQuery(
      { client },
      {
        TableName: PLATFORM_TABLE.name,
        IndexName: byKind.name,
        KeyConditionExpression: '#kind = :kind AND #order >= :since',
        ExpressionAttributeNames: { '#kind': byKind.partitionKey, '#order': byKind.sortKey },
        ExpressionAttributeValues: { ':kind': kind, ':since': since },
      },
    );
    // All of them are read before the first is written, because a write moves it within the index.
    const items = (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => z.parse(z.array(listed), Items));
    for (const { [PLATFORM_TABLE.partitionKey]: key = '', [byKind.sortKey]: order = '' } of items) {
      const [tm_create = '', id] = order.split('#');
      await client.send(
        new UpdateCommand({
          TableName: PLATFORM_TABLE.name,
          Key: { [PLATFORM_TABLE.partitionKey]: key },
          // With a new version, a write that is in progress at the stand-in starts over.
          UpdateExpression: `SET ${path.map((name) => `#${name}`).join('.')} = :created, #order = :order, #version = #version + :one`,
          ExpressionAttributeNames: {
            ...Object.fromEntries(path.map((name) => [`#${name}`, name])),
            '#order': byKind.sortKey,
            '#version': 'version',
          },
          ExpressionAttributeValues: {
            ':created': earlier(tm_create),
            ':order': `${earlier(tm_create)}#${id}`,
            ':one': 1,
          },
        }),
      );
    }
  }
}
