import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test, vi } from 'vitest';
import { tableFromEnvironment } from '../../../functions/provider-calls/store-from-environment.ts';

afterEach(() => vi.unstubAllEnvs());

test('the document client drops only the SDK’s logger', () => {
  vi.stubEnv('PROVIDER_CALL_TABLE', 'provider-calls');
  const steps = (client: { middlewareStack: { identify(): string[] } }) => client.middlewareStack.identify();
  const [plain, ours] = [steps(new DynamoDBClient({})), steps(tableFromEnvironment().client)];
  const dropped = plain.filter((step) => !ours.includes(step));
  expect(dropped).toEqual([expect.stringMatching(/^loggerMiddleware/)]);
});
