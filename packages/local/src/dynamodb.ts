import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { finishTornWrites } from './finish-torn-writes.ts';
import { StartError } from './start-error.ts';

/** A DynamoDB that answers. */
export type LocalDynamodb = {
  endpoint: string;
  close(): Promise<void>;
};

export type AwsAccess = {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** Milliseconds within which a DynamoDB must answer at the start. */
const answerTimeoutMs = 5_000;

const portSchema = z.int();

/**
 * Starts the embedded DynamoDB.
 *
 * @param dataDir folder to keep the tables in; in memory when undefined
 * @throws {StartError} when the folder cannot be used, or another process uses it
 */
export async function startEmbeddedDynamodb(
  dataDir: string | undefined,
  access: AwsAccess,
): Promise<LocalDynamodb> {
  const path = dataDir === undefined ? undefined : join(dataDir, 'dynamodb');
  const worker = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), {
    name: 'dynamodb',
    workerData: { path },
    execArgv: [],
  });
  // Until it has started its errors are ours to tell; after that one is fatal, as nothing can be kept any more.
  const failed = Promise.withResolvers<never>();
  worker.on('error', failed.reject);
  try {
    const endpoint = await Promise.race([failed.promise, listening(worker, access)]);
    if (dataDir !== undefined) await finishTornWritesAt(endpoint, access);
    worker.off('error', failed.reject);
    return {
      endpoint,
      async close() {
        const exit = once(worker, 'exit');
        worker.postMessage('close');
        await exit;
      },
    };
  } catch (error) {
    await worker.terminate();
    if (dataDir === undefined) throw error;
    throw new StartError(`DATA_DIR ${dataDir} cannot be used, or another process uses it`, { cause: error });
  }
}

async function listening(worker: Worker, access: AwsAccess): Promise<string> {
  const [port] = await once(worker, 'message');
  const endpoint = `http://127.0.0.1:${portSchema.parse(port)}`;
  // The database opens at its first use: a folder that is locked shows only now.
  await checkDynamodb(endpoint, access);
  return endpoint;
}

/** The process that wrote the folder last may have been killed. */
async function finishTornWritesAt(endpoint: string, access: AwsAccess): Promise<void> {
  const client = createDynamodbClient(endpoint, access);
  try {
    await finishTornWrites(client);
  } finally {
    client.destroy();
  }
}

/**
 * Makes sure that a DynamoDB answers at an endpoint.
 *
 * @throws {StartError} when it does not
 */
export async function useDynamodb(endpoint: string, access: AwsAccess): Promise<LocalDynamodb> {
  try {
    await checkDynamodb(endpoint, access);
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new StartError(`DYNAMODB_ENDPOINT ${endpoint} does not answer: ${reason}`, { cause: error });
  }
  return { endpoint, async close() {} };
}

export function createDynamodbClient(endpoint: string, access: AwsAccess): DynamoDBClient {
  return new DynamoDBClient({ endpoint, ...access });
}

async function checkDynamodb(endpoint: string, access: AwsAccess): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...access, maxAttempts: 1 });
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), {
      abortSignal: AbortSignal.timeout(answerTimeoutMs),
    });
  } finally {
    client.destroy();
  }
}
