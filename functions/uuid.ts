import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** The nil UUID (RFC 9562 §5.9), with which the platform writes "none". */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * Any UUID, in lower case. The specification's own examples do not keep to RFC 9562's variant bits,
 * so only the form 8-4-4-4-12 is required.
 */
export const uuidSchema = z.pipe(
  z.guid('is not a UUID'),
  z.transform((text) => text.toLowerCase()),
);

/** A UUID that identifies something: the nil UUID stands for "none" and is rejected. */
export const idSchema = uuidSchema.check(
  z.refine((id) => id !== NIL_UUID, 'is the nil UUID, which names nothing'),
);

/** Returns a UUID derived from its parts: the same parts, the same UUID (RFC 9562, version 8, from SHA-256). */
export function deriveUuid(...parts: string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
