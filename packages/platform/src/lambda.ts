import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SYSTEM_CLOCK } from '@provider-call/sip/clock';
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../../../functions/environment.ts';
import { DEFAULT_TIME_LIMITS } from './call-engine.ts';
import { createCallRecords } from './call-records.ts';
import { createCustomers } from './customers.ts';
import { createDocumentStore } from './document-store.ts';
import { createPlatform, logError } from './platform.ts';
import { createProviders } from './providers.ts';
import { createReplayedCalls } from './replayed-calls.ts';
import { DEFAULT_SCRIPT_TIMES } from './scripted-dialer.ts';
import { defaultSeed } from './seed.ts';

const { SANDBOX_TABLE: table } = readEnvironment(z.object({ SANDBOX_TABLE: requiredVariable }));

const clock = SYSTEM_CLOCK;
const store = createDocumentStore(new DynamoDBClient({}), table);
const records = createCallRecords(store);
const platform = createPlatform({
  store,
  clock,
  seed: defaultSeed(),
  records,
  customers: createCustomers({ store, clock }),
  providers: createProviders({ store, clock }),
  runner: createReplayedCalls({ clock, records, times: DEFAULT_SCRIPT_TIMES, ...DEFAULT_TIME_LIMITS }),
  onError: logError,
});
const respond = handle(platform.app);

let seeding: Promise<void> | undefined;

/**
 * The platform stand-in behind a function URL: the same managers and routes, with calls whose state is computed from
 * the script.
 */
export async function handler(event: LambdaEvent, context?: LambdaContext): Promise<APIGatewayProxyResult> {
  await seedOnce();
  return await respond(event, context);
}

/** Writes the seed once per instance; if a write fails, the next request repeats it. */
async function seedOnce(): Promise<void> {
  seeding ??= platform.seed();
  try {
    await seeding;
  } catch (error) {
    seeding = undefined;
    throw error;
  }
}
