import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Server } from 'node:http';
import { createRequire } from 'node:module';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll } from 'vitest';

// dynalite has no types.
const dynalite: unknown = createRequire(import.meta.url)('dynalite');

/** A DynamoDB in memory for one test file, gone with it. */
export async function startEmbeddedDynamodb(): Promise<DynamoDBClient> {
  if (typeof dynalite !== 'function') throw new Error('dynalite is no function');
  const server: unknown = dynalite({ createTableMs: 0 });
  if (!(server instanceof Server)) throw new Error('dynalite gave no server');
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

export const newTableName = (): string => `sandbox-${randomUUID()}`;
