import { randomBytes, randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { CustomerId, Timestamp } from '../flavor.ts';
import { deletionTimeOf, formatTimestamp } from '../timestamp.ts';
import { hashAccessKey } from './access-key.ts';
import { ACCESS_KEY_TABLE } from './access-key-table.ts';
import { permissionSchema } from './permission.ts';

/** Random bytes in a key: 256 bits, which cannot be guessed and so do not need a slow hash. */
const KEY_BYTES = 32;

const itemSchema = z.object({
  [ACCESS_KEY_TABLE.partitionKey]: z.string(),
  id: z.string(),
  customer_id: z.string(),
  name: z.string(),
  permission: permissionSchema,
  tm_create: z.string(),
  tm_expire: z.nullish(z.string()),
  tm_delete: z.nullish(z.string()),
});

/** What is known of an access key, without the key itself. Null means never. */
export type AccessKey = {
  id: string;
  customerId: CustomerId;
  name: string;
  permission: number;
  createdAt: Timestamp;
  expiresAt: Timestamp | null;
  revokedAt: Timestamp | null;
};

/** What an access key is created from. */
export type NewAccessKey = Pick<AccessKey, 'customerId' | 'name' | 'permission'> & {
  /** When it expires; null for never. */
  expiresAt: Date | null;
  /** When it is created. */
  now: Date;
};

/** Returns the store of an access-key table, for those who issue keys; the authorizer only reads a key by its hash. Errors of the SDK are passed through. */
export function createAccessKeyStore(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Creates a key. It is in the result and nowhere else: only its hash is stored. */
    create: async ({
      customerId,
      name,
      permission,
      expiresAt,
      now,
    }: NewAccessKey): Promise<{ key: string; accessKey: AccessKey }> => {
      const key = `vb_${randomBytes(KEY_BYTES).toString('base64url')}`;
      const item = {
        [ACCESS_KEY_TABLE.partitionKey]: hashAccessKey(key),
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

    /** Returns every key that was ever created, oldest first. */
    list: async (): Promise<AccessKey[]> =>
      (await scan())
        .map(({ accessKey }) => accessKey)
        .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),

    /** Revokes a key from the next request on. Returns it as it is afterwards, with the first revocation's time; undefined when there is none. */
    revoke: async ({ id, now }: { id: string; now: Date }): Promise<AccessKey | undefined> => {
      const found = (await scan()).find(({ accessKey }) => accessKey.id === id);
      if (found === undefined) return undefined;
      try {
        const { Attributes } = await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { [ACCESS_KEY_TABLE.partitionKey]: found.hash },
            UpdateExpression: 'SET #deleted = :now',
            // Null and the end of time are how the platform writes "not deleted".
            ConditionExpression:
              'attribute_exists(#key) AND (attribute_not_exists(#deleted) OR #deleted = :null OR begins_with(#deleted, :never))',
            ExpressionAttributeNames: { '#key': ACCESS_KEY_TABLE.partitionKey, '#deleted': 'tm_delete' },
            ExpressionAttributeValues: {
              ':now': formatTimestamp(now),
              ':null': null,
              ':never': '9999-01-01',
            },
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

  async function scan(): Promise<Row[]> {
    const rows: Row[] = [];
    const pages = paginateScan({ client }, { TableName: table, ConsistentRead: true });
    for await (const { Items = [] } of pages) rows.push(...Items.map(fromItem));
    return rows;
  }
}

type Row = { hash: string; accessKey: AccessKey };

function fromItem(item: unknown): Row {
  const row = itemSchema.parse(item);
  return {
    hash: row[ACCESS_KEY_TABLE.partitionKey],
    accessKey: {
      id: row.id,
      customerId: row.customer_id,
      name: row.name,
      permission: row.permission,
      createdAt: row.tm_create,
      expiresAt: row.tm_expire ?? null,
      revokedAt: deletionTimeOf(row.tm_delete),
    },
  };
}
