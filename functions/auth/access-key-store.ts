import { randomBytes, randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { formatTimestamp } from '../timestamp.ts';
import { hashAccessKey } from './access-key.ts';
import { accessKeyTable } from './access-key-table.ts';
import { permissionSchema } from './permission.ts';

/** Bytes of chance in a key: 256 bits, which nobody guesses and which need no slow hash. */
const KEY_BYTES = 32;

const itemSchema = z.object({
  [accessKeyTable.partitionKey]: z.string(),
  id: z.string(),
  customer_id: z.string(),
  name: z.string(),
  permission: permissionSchema,
  tm_create: z.string(),
  tm_expire: z.optional(z.string()),
  tm_delete: z.optional(z.string()),
});

/** What is known of an access key, but for the key itself. Timestamps are the platform's; null means never. */
export type AccessKey = {
  id: string;
  customerId: string;
  name: string;
  permission: number;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
};

export type AccessKeyOrder = Pick<AccessKey, 'customerId' | 'name' | 'permission'> & {
  /** When it ends; null for never. */
  expiresAt: Date | null;
};

const fromItem = (item: unknown) => {
  const row = itemSchema.parse(item);
  return {
    hash: row[accessKeyTable.partitionKey],
    accessKey: {
      id: row.id,
      customerId: row.customer_id,
      name: row.name,
      permission: row.permission,
      createdAt: row.tm_create,
      expiresAt: row.tm_expire ?? null,
      revokedAt: row.tm_delete ?? null,
    } satisfies AccessKey,
  };
};

/** The access-key table, for those who give out keys; the authorizer only reads a key by its hash. Errors of the SDK come through. */
export const createAccessKeyStore = (client: DynamoDBDocumentClient, table: string) => {
  const scan = async () => {
    const rows: ReturnType<typeof fromItem>[] = [];
    const pages = paginateScan({ client }, { TableName: table, ConsistentRead: true });
    for await (const { Items = [] } of pages) rows.push(...Items.map(fromItem));
    return rows;
  };

  return {
    /** Makes a key. It is in the answer and nowhere else: only its hash is stored. */
    create: async (
      { customerId, name, permission, expiresAt }: AccessKeyOrder,
      now: Date,
    ): Promise<{ key: string; accessKey: AccessKey }> => {
      const key = `vb_${randomBytes(KEY_BYTES).toString('base64url')}`;
      const item = {
        [accessKeyTable.partitionKey]: hashAccessKey(key),
        id: randomUUID(),
        customer_id: customerId,
        name,
        permission,
        tm_create: formatTimestamp(now),
        ...(expiresAt !== null && { tm_expire: formatTimestamp(expiresAt) }),
      };
      await client.send(new PutCommand({ TableName: table, Item: item }));
      return { key, accessKey: fromItem(item).accessKey };
    },

    /** Every key that was ever made, the oldest first. */
    list: async (): Promise<AccessKey[]> =>
      (await scan())
        .map(({ accessKey }) => accessKey)
        .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),

    /** Ends a key with the next request. Gives it as it stands afterwards, with the first revocation's time; undefined when there is none. */
    revoke: async (id: string, now: Date): Promise<AccessKey | undefined> => {
      const found = (await scan()).find(({ accessKey }) => accessKey.id === id);
      if (found === undefined) return undefined;
      try {
        const { Attributes } = await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { [accessKeyTable.partitionKey]: found.hash },
            UpdateExpression: 'SET #deleted = :now',
            ConditionExpression: 'attribute_exists(#key) AND attribute_not_exists(#deleted)',
            ExpressionAttributeNames: { '#key': accessKeyTable.partitionKey, '#deleted': 'tm_delete' },
            ExpressionAttributeValues: { ':now': formatTimestamp(now) },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return fromItem(Attributes).accessKey;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return found.accessKey;
        throw error;
      }
    },
  };
};
