import * as z from 'zod/mini';
import { callAwsService } from './aws-service.ts';

const responseSchema = z.object({ SecretString: z.string() });

/** Minimum milliseconds between two reads of a held secret, so that invalid tokens cannot cause more reads. */
const MIN_REFRESH_MS = 60_000;

/**
 * How long a secret is held without reading it again, in milliseconds. A signing key that was removed from it stops
 * working after that, whether or not a process that holds it is still alive.
 */
const MAX_HOLD_MS = 5 * 60_000;

/** A secret that is read and held: `current` returns it, `refresh` reads it again unless that was done a moment ago. */
export type HeldSecret<Value> = { current(): Promise<Value>; refresh(): Promise<Value> };

/** Returns the current value of a secret in AWS Secrets Manager. */
export async function readSecret(arn: string): Promise<string> {
  return responseSchema.parse(await callAwsService('secretsmanager', 'GetSecretValue', { SecretId: arn }))
    .SecretString;
}

/**
 * Holds a secret, for five minutes at a time. The first read starts by itself once the modules are loaded, so that it
 * overlaps the rest of a cold start. If it fails, the next caller tries again; if a later one fails, the held value is
 * kept.
 */
export function holdSecret<Value>(
  read: () => Promise<Value>,
  now: () => number = Date.now,
): HeldSecret<Value> {
  let held: Promise<Value> | undefined;
  let readAt = -MAX_HOLD_MS;
  const start = (): Promise<Value> => {
    const previous = held;
    readAt = now();
    const reading: Promise<Value> = read().catch((error: unknown) => {
      if (held === reading) held = previous;
      if (previous === undefined) throw error;
      return previous;
    });
    // A caller that awaits the secret gets the error; a read that nobody awaits must not end the process.
    reading.catch(() => {});
    held = reading;
    return reading;
  };
  const current = () => (held === undefined || now() - readAt >= MAX_HOLD_MS ? start() : held);
  queueMicrotask(current);
  return { current, refresh: () => (now() - readAt >= MIN_REFRESH_MS ? start() : current()) };
}
