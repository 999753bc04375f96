import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { callAwsService } from '../outbound/aws-service.ts';
import { timestampMilliseconds } from '../timestamp.ts';
import { ACCESS_KEY_TABLE } from './access-key-table.ts';
import { type Principal, unauthenticated } from './principal.ts';

/** Access keys are `vb_` and 43 characters of base64url: 256 random bits. The platform's own may have another length. */
const ACCESS_KEY = /^vb_[A-Za-z0-9_-]{20,200}$/;

const text = z.pipe(
  z.object({ S: z.string() }),
  z.transform(({ S }) => S),
);
const number = z.pipe(
  z.object({
    N: z.string().check(z.refine((digits) => /^\d{1,15}$/.test(digits), 'is not an unsigned integer')),
  }),
  z.transform(({ N }) => Number(N)),
);

/** An item of the access-key table, in DynamoDB's JSON. Only the attributes that decide. */
const responseSchema = z.object({
  Item: z.optional(
    z.object({
      id: text,
      customer_id: text,
      permission: number,
      tm_expire: z.optional(text),
      tm_delete: z.optional(text),
    }),
  ),
});

/**
 * Returns whom an access key represents. Read with consistency at every request and kept nowhere: a revoked key ends
 * with the next request. Looked up by hash, so no comparison of ours could reveal by its time how much of a key was right.
 *
 * @throws {PlatformError} AUTHENTICATION_REQUIRED when it is malformed, unknown, expired or revoked
 */
export async function verifyAccessKey(key: string, table: string, now: Date): Promise<Principal> {
  if (!ACCESS_KEY.test(key)) throw unauthenticated('the access key is malformed');
  const { Item } = responseSchema.parse(
    await callAwsService('dynamodb', 'GetItem', {
      TableName: table,
      Key: { [ACCESS_KEY_TABLE.partitionKey]: { S: hashAccessKey(key) } },
      ConsistentRead: true,
    }),
  );
  if (Item === undefined) throw unauthenticated('the access key is unknown');
  if (Item.tm_delete !== undefined) throw unauthenticated('the access key was revoked');
  if (Item.tm_expire !== undefined && timestampMilliseconds(Item.tm_expire) <= now.getTime()) {
    throw unauthenticated('the access key has expired');
  }
  return {
    customerId: Item.customer_id,
    actor: { type: 'accesskey', id: Item.id },
    permission: Item.permission,
  };
}

/** Returns the key as it is stored and looked up: lower-case hexadecimal SHA-256 of the whole of it. */
export function hashAccessKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
