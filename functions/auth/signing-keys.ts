import * as z from 'zod/mini';
import { type HeldSecret, holdSecret, readSecret } from '../outbound/secret.ts';
import { ReportableError } from '../platform-error.ts';
import { DEVELOPMENT_KEY } from './development-key.ts';

/** RFC 7518 §3.2: a key for HS256 has at least as many bits as its hash. */
const MIN_KEY_BYTES = 32;

/** A key for HS256, of at least 32 bytes. */
export const signingKeySchema = z
  .string()
  .check(
    z.refine((key) => Buffer.byteLength(key) >= MIN_KEY_BYTES, `must have ${MIN_KEY_BYTES} bytes or more`),
  );

const secretSchema = z.object({ current: signingKeySchema, previous: z.optional(z.array(signingKeySchema)) });

/**
 * Returns the secret's keys, the current one first.
 *
 * @throws {Error} when the secret is not `{"current": key, "previous": [key, …]}`
 * @throws {ReportableError} when it is the published key in a deployed stage
 */
export function parseSigningKeys(secret: string, stage: string): Uint8Array[] {
  const { current, previous = [] } = secretSchema.parse(JSON.parse(secret));
  const keys = [current, ...previous];
  if (stage !== 'local' && keys.includes(DEVELOPMENT_KEY)) {
    throw new ReportableError('the signing secret holds the published development key: put your own');
  }
  return keys.map((key) => new TextEncoder().encode(key));
}

/** Returns the signing keys from AWS Secrets Manager, held and refreshed at a bounded rate. */
export function holdSigningKeys(secretArn: string, stage: string): HeldSecret<Uint8Array[]> {
  return holdSecret(async () => parseSigningKeys(await readSecret(secretArn), stage));
}
