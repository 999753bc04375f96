import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** The Idempotency-Key header: 1 to 255 visible ASCII characters, chosen by the client. */
export const idempotencyKeySchema = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'));

/** The key as it is stored: lower-case hexadecimal SHA-256, since clients put all sorts of things into keys. */
export const hashIdempotencyKey = (key: string): string => createHash('sha256').update(key).digest('hex');
