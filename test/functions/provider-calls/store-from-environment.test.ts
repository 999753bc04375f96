import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { createDocumentClient } from '../../../functions/provider-calls/store-from-environment.ts';

test('the document client drops only the SDK’s logger', () => {
  const steps = (client: { middlewareStack: { identify(): string[] } }) => client.middlewareStack.identify();
  const [plain, ours] = [steps(new DynamoDBClient({})), steps(createDocumentClient())];
  const dropped = plain.filter((step) => !ours.includes(step));
  expect(dropped).toEqual([expect.stringMatching(/^loggerMiddleware/)]);
});
