import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { createDocumentClient } from '../../functions/document-client.ts';

test('does all that the SDK does with a request but copy it for a log', () => {
  const steps = (client: { middlewareStack: { identify(): string[] } }) => client.middlewareStack.identify();
  const [plain, ours] = [steps(new DynamoDBClient({})), steps(createDocumentClient())];
  const dropped = plain.filter((step) => !ours.includes(step));
  expect(dropped).toEqual([expect.stringMatching(/^loggerMiddleware/)]);
});
