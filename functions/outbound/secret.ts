import * as z from 'zod/mini';
import { callAwsService } from './aws-service.ts';

const answerSchema = z.object({ SecretString: z.string() });

/** The current value of a secret in AWS Secrets Manager. */
export const readSecret = async (arn: string): Promise<string> =>
  answerSchema.parse(await callAwsService('secretsmanager', 'GetSecretValue', { SecretId: arn }))
    .SecretString;

/** How often a held secret may be asked for anew, in milliseconds: nobody can make us ask more often by sending bad tokens. */
const REFRESH_MS = 60_000;

/** A secret that is read once and held: `current` gives it, `refresh` asks for it anew unless that was done a moment ago. */
export type HeldSecret<Value> = { current(): Promise<Value>; refresh(): Promise<Value> };

/**
 * Holds a secret for the life of the process. The first reading starts at once, so that it overlaps the rest of a cold
 * start. A reading that failed is forgotten and tried again by the next caller.
 */
export const holdSecret = <Value>(
  read: () => Promise<Value>,
  now: () => number = Date.now,
): HeldSecret<Value> => {
  let readAt = now();
  const start = (): Promise<Value> => {
    readAt = now();
    const reading = read();
    reading.catch(() => {
      if (held === reading) held = undefined;
    });
    return reading;
  };
  let held: Promise<Value> | undefined = start();
  const current = () => {
    held ??= start();
    return held;
  };
  return {
    current,
    refresh: () => {
      if (now() - readAt >= REFRESH_MS) held = start();
      return current();
    },
  };
};
