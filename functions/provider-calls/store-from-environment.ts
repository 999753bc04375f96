import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { createProviderCallStore, type ProviderCallStore } from './provider-call-store.ts';

/** Returns the store of the table that PROVIDER_CALL_TABLE names. */
export function storeFromEnvironment(): ProviderCallStore {
  const { PROVIDER_CALL_TABLE } = readEnvironment(z.object({ PROVIDER_CALL_TABLE: requiredVariable }));
  return createProviderCallStore(createDocumentClient(), PROVIDER_CALL_TABLE);
}

/**
 * Returns the DynamoDB client of a function. One try may take 2 s and there are three, so that a request that meets a
 * bad host or a throttled partition still gets its response from another within its time.
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
