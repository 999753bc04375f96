import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { callAwsService } from '../outbound/aws-service.ts';
import { ReportableError } from '../platform-error.ts';
import { deletionTimeOf, timestampMilliseconds, timestampSchema } from '../timestamp.ts';
import { idSchema } from '../uuid.ts';
import { ACCESS_KEY_TABLE } from './access-key-table.ts';
import { CredentialError, type Principal } from './principal.ts';

/** Access keys are `vb_` and 43 characters of base64url: 256 random bits. The platform's own may have another length. */
const ACCESS_KEY = /^vb_[A-Za-z0-9_-]{20,200}$/;

/** Characters of a key's hash in a log line: enough to find the row. */
const VISIBLE_HASH_DIGITS = 8;

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

/** Text, or undefined for the NULL that the platform writes. An attribute of another type becomes null, which is neither. */
const textOrNull = z.pipe(
  z.transform(({ S, NULL }: { S?: unknown; NULL?: unknown }) => (NULL === true ? undefined : (S ?? null))),
  z.optional(z.string()),
);

/** A timestamp as the platform writes it: without the fraction of a second, or with up to nine digits of it, as Go does. */
const timestamp = z.pipe(
  z.transform((text: string) =>
    text.replace(/(\.\d{1,9})?Z?$/, (_end, fraction = '.') => fraction.padEnd(7, '0').slice(0, 7)),
  ),
  timestampSchema,
);

/**
 * An item of the access-key table, in DynamoDB's JSON, written by this project or by the platform. Only the attributes that
 * decide.
 */
const responseSchema = z.object({
  Item: z.optional(
    z.object({
      id: z.pipe(text, idSchema),
      customer_id: z.pipe(text, idSchema),
      permission: number,
      tm_expire: z.optional(z.pipe(textOrNull, z.optional(timestamp))),
      tm_delete: z.optional(textOrNull),
    }),
  ),
});

/**
 * Returns whom an access key represents. The key is read consistently for every request and never cached: a revoked key is
 * rejected from the next request on. It is looked up by its hash, so no comparison can reveal by its duration how much of a key was right.
 *
 * @throws {CredentialError} when it is malformed, unknown, expired or revoked, and when its row is malformed
 */
export async function verifyAccessKey(key: string, table: string, now: Date): Promise<Principal> {
  if (!ACCESS_KEY.test(key)) throw new CredentialError('malformed');
  const hash = hashAccessKey(key);
  const { data, error } = z.safeParse(
    responseSchema,
    await callAwsService('dynamodb', 'GetItem', {
      TableName: table,
      Key: { [ACCESS_KEY_TABLE.partitionKey]: { S: hash } },
      ConsistentRead: true,
    }),
  );
  if (data === undefined) {
    const row = new ReportableError(`row ${hash.slice(0, VISIBLE_HASH_DIGITS)}…`, { cause: error });
    throw new CredentialError('malformed_row', row);
  }
  const { Item } = data;
  if (Item === undefined) throw new CredentialError('unknown');
  if (deletionTimeOf(Item.tm_delete) !== null) throw new CredentialError('revoked');
  if (Item.tm_expire !== undefined && timestampMilliseconds(Item.tm_expire) <= now.getTime()) {
    throw new CredentialError('expired');
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
