import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { createProviderCallStore, type ProviderCallStore } from './provider-call-store.ts';

/**
 * Returns the store of the table that PROVIDER_CALL_TABLE names.
 *
 * @throws {Error} when the variable is missing
 */
export function storeFromEnvironment(): ProviderCallStore {
  const { client, name } = tableFromEnvironment();
  return createProviderCallStore(client, name);
}

/**
 * Returns the table that PROVIDER_CALL_TABLE names and a client for it. One attempt may take 2 s and there are three,
 * so that a request to a faulty host or a throttled partition still gets its response from another one in time. Without
 * the SDK's logger, which copies every input and output for a log that nobody keeps.
 *
 * @throws {Error} when the variable is missing
 */
export function tableFromEnvironment(): { client: DynamoDBDocumentClient; name: string } {
  const { PROVIDER_CALL_TABLE: name } = readEnvironment(z.object({ PROVIDER_CALL_TABLE: requiredVariable }));
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  client.middlewareStack.remove('loggerMiddleware');
  return { client: DynamoDBDocumentClient.from(client), name };
}
