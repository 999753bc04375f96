import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { type CallClaimStore, createCallClaimStore } from './call-claim-store.ts';
import { createProviderCallStore, type ProviderCallStore } from './provider-call-store.ts';

/** Returns the store of the table that PROVIDER_CALL_TABLE names. */
export function storeFromEnvironment(): ProviderCallStore {
  return createProviderCallStore(createDocumentClient(), tableName());
}

/** Returns the store of that table, and the store of the claims in it. */
export function storesFromEnvironment(): { store: ProviderCallStore; claims: CallClaimStore } {
  const client = createDocumentClient();
  const table = tableName();
  return {
    store: createProviderCallStore(client, table),
    claims: createCallClaimStore(client, table),
  };
}

function tableName(): string {
  return readEnvironment(z.object({ PROVIDER_CALL_TABLE: requiredVariable })).PROVIDER_CALL_TABLE;
}

/**
 * Returns the DynamoDB client of a function. One attempt may take 2 s and there are three, so that a request to a faulty
 * host or a throttled partition still gets its response from another one in time.
 *
 * Without the SDK's logger, which copies every input and output for a log that nobody keeps.
 */
export function createDocumentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client);
}
