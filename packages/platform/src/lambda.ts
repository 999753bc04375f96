import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../../../functions/environment.ts';
import { createDocumentStore } from './document-store.ts';
import { logError } from './log-error.ts';
import { createPlatform } from './platform.ts';
import { createReplayedCalls } from './replayed-calls.ts';
import { defaultScriptTimes } from './scripted-dialer.ts';
import { defaultSeed } from './seed.ts';
import { defaultTimeLimits } from './time-limits.ts';

/**
 * The part of a function URL's event (payload version 2.0) that is read.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
const eventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string(),
  /** Names in lower case. */
  headers: z.record(z.string(), z.optional(z.string())),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.optional(z.string()),
  isBase64Encoded: z.boolean(),
});

type FunctionUrlAnswer = { statusCode: number; headers: Record<string, string>; body: string };

const { SANDBOX_TABLE: table } = readEnvironment(z.object({ SANDBOX_TABLE: requiredVariable }));

const platform = createPlatform({
  store: createDocumentStore(new DynamoDBClient({}), table),
  clock: systemClock,
  seed: defaultSeed(),
  onError: logError,
  lineOf: ({ records }) =>
    createReplayedCalls({ clock: systemClock, records, times: defaultScriptTimes, ...defaultTimeLimits }),
});

let planted: Promise<void> | undefined;

/** Once for each instance; a seed that could not be written is tried again by the next request. */
const plant = async (): Promise<void> => {
  planted ??= platform.plant();
  try {
    await planted;
  } catch (error) {
    planted = undefined;
    throw error;
  }
};

/** The stand-in behind a function URL: the same managers and routes, with calls that are worked out by the script. */
export const handler = async (event: unknown): Promise<FunctionUrlAnswer> => {
  const {
    rawPath,
    rawQueryString,
    headers,
    requestContext,
    body = '',
    isBase64Encoded,
  } = z.parse(eventSchema, event);
  await plant();
  const answer = await platform.router({
    method: requestContext.http.method,
    path: rawPath,
    query: new URLSearchParams(rawQueryString),
    headers: { 'x-request-id': randomUUID(), ...headers },
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  });
  return { statusCode: answer.status, headers: answer.headers, body: answer.body };
};
