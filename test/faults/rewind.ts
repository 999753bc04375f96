import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
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

/** The kinds of the stand-in's documents with which an open record is compared. A call's is a `call` with more about it. */
const DATED_KINDS = ['call', 'groupcall', 'flow'];

const datedItem = z.object({ version: z.number(), document: z.string() });

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
  for (const kind of DATED_KINDS) {
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
    await Promise.all(
      items.map(async ({ [PLATFORM_TABLE.partitionKey]: key = '', [byKind.sortKey]: order = '' }) => {
        const [tm_create = '', id] = order.split('#');
        const created = earlier(tm_create);
        while (!(await rewindDocument(client, key, { created, order: `${created}#${id}` })));
      }),
    );
  }
}

/** Returns false if the stand-in has written the document meanwhile. With a new version, a write in progress there starts over. */
async function rewindDocument(
  client: DynamoDBDocumentClient,
  key: string,
  { created, order }: { created: string; order: string },
): Promise<boolean> {
  const place = { TableName: PLATFORM_TABLE.name, Key: { [PLATFORM_TABLE.partitionKey]: key } };
  const { Item } = await client.send(new GetCommand({ ...place, ConsistentRead: true }));
  const { version, document } = datedItem.parse(Item);
  const read = JSON.parse(document);
  const dated =
    'call' in read
      ? { ...read, call: { ...read.call, tm_create: created } }
      : { ...read, tm_create: created };
  try {
    await client.send(
      new UpdateCommand({
        ...place,
        UpdateExpression: 'SET #document = :document, #order = :order, #version = :next',
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: {
          '#document': 'document',
          '#order': PLATFORM_TABLE.indexes.byKind.sortKey,
          '#version': 'version',
        },
        ExpressionAttributeValues: {
          ':document': JSON.stringify(dated),
          ':order': order,
          ':version': version,
          ':next': version + 1,
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
