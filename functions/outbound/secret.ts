import * as z from 'zod/mini';
import { callAwsService } from './aws-service.ts';

const answerSchema = z.object({ SecretString: z.string() });

/** The current value of a secret in AWS Secrets Manager. */
export const readSecret = async (arn: string): Promise<string> =>
  answerSchema.parse(await callAwsService('secretsmanager', 'GetSecretValue', { SecretId: arn }))
    .SecretString;

/** How often a held secret may be asked for anew, in milliseconds: nobody can make us ask more often by sending bad tokens. */
const REFRESH_MS = 60_000;

/**
 * How long a secret is held without asking for it anew, in milliseconds. A signing key that was taken out of it is then good for
 * nothing, whether or not a process that holds it is still alive.
 */
const HOLD_MS = 5 * 60_000;

/** A secret that is read and held: `current` gives it, `refresh` asks for it anew unless that was done a moment ago. */
export type HeldSecret<Value> = { current(): Promise<Value>; refresh(): Promise<Value> };

/**
 * Holds a secret, for five minutes at a time. The first reading starts by itself once the modules are loaded, so that it
 * overlaps the rest of a cold start. When it fails, the next caller tries again; when a later one fails, what was held is kept.
 */
export const holdSecret = <Value>(
  read: () => Promise<Value>,
  now: () => number = Date.now,
): HeldSecret<Value> => {
  let held: Promise<Value> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  const start = (): Promise<Value> => {
    const previous = held;
    readAt = now();
    const reading: Promise<Value> = read().catch((error: unknown) => {
      if (held === reading) held = previous;
      if (previous === undefined) throw error;
      return previous;
    });
    // Whoever asks for the secret meets the failure; a reading that nobody waits for must not end the process.
    reading.catch(() => {});
    held = reading;
    return reading;
  };
  const current = () => (held === undefined || now() - readAt >= HOLD_MS ? start() : held);
  queueMicrotask(current);
  return { current, refresh: () => (now() - readAt >= REFRESH_MS ? start() : current()) };
};
