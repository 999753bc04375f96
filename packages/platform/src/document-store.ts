import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type PagePosition, sortBound } from '../../../functions/provider-calls/page-token.ts';
import { PLATFORM_TABLE } from './platform-table.ts';

const { partitionKey, timeToLive, indexes } = PLATFORM_TABLE;

/** Where a document is listed. Without `listed` it is in no list, without `open` it is not found after a crash. */
export type Placement = {
  listed?: { createdAt: string; id: string; customerId?: string };
  open?: boolean;
  /** Seconds since 1970. */
  expires?: number;
};

type Kind<Document> = {
  name: string;
  schema: z.core.$ZodType<Document>;
  /** The document's id. */
  idOf(document: Document): string;
  placementOf(document: Document): Placement;
};

/**
 * A document is stored as JSON text: it has foreign JSON in it, whose numbers and depth DynamoDB limits. Items of earlier
 * versions have a map.
 */
const itemSchema = z.object({ version: z.number(), document: z.unknown() });

/** One kind of document in the stand-in's table. */
export type Collection<Document> = {
  get(id: string): Promise<Document | undefined>;
  /** Writes a new document. Returns false, and writes nothing, if it already exists. */
  insert(document: Document): Promise<boolean>;
  put(document: Document): Promise<void>;
  /**
   * Reads, changes and writes a document atomically, even if others write to it. `edit` may run more than once; if it
   * returns undefined, nothing is written. Returns the resulting document, or undefined if there is none.
   */
  change(
    id: string,
    edit: (document: Document | undefined) => Document | undefined,
  ): Promise<Document | undefined>;
  /** Returns at most `limit` documents, newest first. */
  list(query: { customerId?: string; after?: PagePosition; limit: number }): Promise<Document[]>;
  /** Returns all documents of this kind that are `open`. */
  listOpen(): Promise<Document[]>;
};

export type DocumentStore = { collection<Document>(kind: Kind<Document>): Collection<Document> };

/** Stores documents in one DynamoDB table. Errors of the SDK are not translated. */
export function createDocumentStore(client: DynamoDBClient, table: string): DocumentStore {
  const documents = DynamoDBDocumentClient.from(client);

  /** Returns false when the condition does not hold. */
  async function putIf(input: Omit<PutCommandInput, 'TableName'>): Promise<boolean> {
    try {
      await documents.send(new PutCommand({ TableName: table, ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    collection: <Document>({ name, schema, idOf, placementOf }: Kind<Document>): Collection<Document> => {
      const keyOf = (id: string) => ({ [partitionKey]: `${name}#${id}` });

      const itemOf = (document: Document, version: number) => ({
        ...keyOf(idOf(document)),
        ...indexKeys(name, placementOf(document)),
        version,
        document: JSON.stringify(document),
      });

      const parse = (item: unknown): { version: number; document: Document } => {
        const { version, document } = z.parse(itemSchema, item);
        return {
          version,
          document: z.parse(schema, typeof document === 'string' ? JSON.parse(document) : document),
        };
      };

      const read = async (id: string) => {
        const { Item } = await documents.send(
          new GetCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
        );
        return Item === undefined ? undefined : parse(Item);
      };

      const insert = (document: Document): Promise<boolean> =>
        putIf({
          Item: itemOf(document, 0),
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': partitionKey },
        });

      return {
        get: async (id) => (await read(id))?.document,

        insert,

        put: async (document) => {
          await putIf({ Item: itemOf(document, Date.now()) });
        },

        change: async (id, edit) => {
          for (;;) {
            const found = await read(id);
            const changed = edit(found?.document);
            if (changed === undefined) return found?.document;
            const written =
              found === undefined
                ? await insert(changed)
                : await putIf({
                    Item: itemOf(changed, found.version + 1),
                    ConditionExpression: '#version = :version',
                    ExpressionAttributeNames: { '#version': 'version' },
                    ExpressionAttributeValues: { ':version': found.version },
                  });
            // Another writer was faster, so progress was made, and the loop ends eventually.
            if (written) return changed;
          }
        },

        list: async ({ customerId, after, limit }) => {
          const index = customerId === undefined ? indexes.byKind : indexes.byCustomer;
          const { Items = [] } = await documents.send(
            new QueryCommand({
              TableName: table,
              IndexName: index.name,
              KeyConditionExpression: `#partition = :partition${after === undefined ? '' : ' AND #order < :bound'}`,
              ExpressionAttributeNames: {
                '#partition': index.partitionKey,
                ...(after !== undefined && { '#order': index.sortKey }),
              },
              ExpressionAttributeValues: {
                ':partition': customerId === undefined ? name : `${name}#${customerId}`,
                ...(after !== undefined && { ':bound': sortBound(after) }),
              },
              ScanIndexForward: false,
              Limit: limit,
            }),
          );
          return Items.map((item) => parse(item).document);
        },

        listOpen: async () => {
          const found: Document[] = [];
          let from: Record<string, unknown> | undefined;
          do {
            const page = await documents.send(
              new QueryCommand({
                TableName: table,
                IndexName: indexes.open.name,
                KeyConditionExpression: '#open = :kind',
                ExpressionAttributeNames: { '#open': indexes.open.partitionKey },
                ExpressionAttributeValues: { ':kind': name },
                ExclusiveStartKey: from,
              }),
            );
            found.push(...(page.Items ?? []).map((item) => parse(item).document));
            from = page.LastEvaluatedKey;
          } while (from !== undefined);
          return found;
        },
      };
    },
  };
}

function indexKeys(kind: string, { listed, open, expires }: Placement) {
  return {
    ...(listed && {
      [indexes.byKind.partitionKey]: kind,
      [indexes.byKind.sortKey]: `${listed.createdAt}#${listed.id}`,
      ...(listed.customerId !== undefined && {
        [indexes.byCustomer.partitionKey]: `${kind}#${listed.customerId}`,
      }),
    }),
    ...(open === true && { [indexes.open.partitionKey]: kind }),
    ...(expires !== undefined && { [timeToLive]: expires }),
  };
}

/** Creates the table if it is missing, and waits until it can be used. */
export async function createPlatformTable(client: DynamoDBClient, table: string): Promise<void> {
  const { byKind, byCustomer, open } = indexes;
  const attributes = [
    partitionKey,
    ...new Set([byKind, byCustomer, open].flatMap((index) => [index.partitionKey, index.sortKey])),
  ];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
        AttributeDefinitions: [...new Set(attributes)].map((name) => ({
          AttributeName: name,
          AttributeType: 'S',
        })),
        GlobalSecondaryIndexes: [byKind, byCustomer, open].map((index) => ({
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: 'HASH' },
            { AttributeName: index.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        })),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
}
