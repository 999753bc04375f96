import * as z from 'zod/mini';
import { holdSecret, readSecret } from '../outbound/secret.ts';
import { developmentKey } from './development-key.ts';

/** RFC 7518, section 3.2: a key for HS256 has at least as many bits as its hash. */
const KEY_BYTES = 32;

/** A key for HS256, of at least 32 bytes. */
export const signingKeySchema = z
  .string()
  .check(z.refine((key) => Buffer.byteLength(key) >= KEY_BYTES, `must have ${KEY_BYTES} bytes or more`));

const secretSchema = z.object({ current: signingKeySchema, previous: z.optional(z.array(signingKeySchema)) });

/** The secret's keys, the current one first. Throws when the secret is not `{"current": key, "previous": [key, …]}`. */
export const parseSigningKeys = (secret: string, stage: string): Uint8Array[] => {
  const { current, previous = [] } = secretSchema.parse(JSON.parse(secret));
  const keys = [current, ...previous];
  if (stage !== 'local' && keys.includes(developmentKey)) {
    throw new Error('the signing secret holds the published development key: put your own');
  }
  return keys.map((key) => new TextEncoder().encode(key));
};

/** The signing keys from AWS Secrets Manager, held and refreshed at a bounded rate. */
export const holdSigningKeys = (secretArn: string, stage: string) =>
  holdSecret(async () => parseSigningKeys(await readSecret(secretArn), stage));
