import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll } from 'vitest';

/** A DynamoDB in memory for one test file, gone with it. */
export async function startEmbeddedDynamodb(): Promise<DynamoDBClient> {
  const server = dynalite({ createTableMs: 0 });
  // A stand-in writes its seed over dozens of connections at once. If they were closed as they are used again, the SDK's
  // retries would not suffice for all of them.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  afterAll(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  return client;
}

export function newTableName(): string {
  return `platform-${randomUUID()}`;
}
