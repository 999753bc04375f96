import { once } from 'node:events';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { finishTornWrites } from './finish-torn-writes.ts';
import { LOOPBACK, urlOf } from './http-server.ts';
import { StartError } from './start-error.ts';

/** A DynamoDB that responds. */
export type LocalDynamodb = {
  endpoint: string;
  close(): Promise<void>;
};

export type AwsAccess = {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** Region and credentials for requests to servers that do not check them. */
export const LOCAL_AWS: AwsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** Milliseconds within which a DynamoDB, or the embedded one's folder, must respond at start-up. */
const RESPONSE_TIMEOUT_MS = 5_000;

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
  host = LOOPBACK,
): Promise<LocalDynamodb> {
  const path = dataDir === undefined ? undefined : join(dataDir, 'dynamodb');
  if (path !== undefined) await prepareDirectory(path, `DATA_DIR ${dataDir}`);
  const worker = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), {
    name: 'dynamodb',
    workerData: { path, host },
    execArgv: [],
  });
  // Until it has started, its errors are reported here; after that they are fatal, because nothing can be stored any
  // more.
  const failed = Promise.withResolvers<never>();
  worker.on('error', failed.reject);
  try {
    const endpoint = await Promise.race([failed.promise, listening(worker, access, host)]);
    if (dataDir !== undefined) await finishTornWritesAt(endpoint, access);
    worker.off('error', failed.reject);
    if (dataDir !== undefined) worker.once('error', (cause) => endBecauseOf(dataDir, cause));
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

/** Ends the process with what to do: the folder takes nothing more, because its disk is full for example. */
function endBecauseOf(dataDir: string, cause: unknown): never {
  console.error(
    `DATA_DIR ${dataDir} cannot be written any more: ${cause instanceof Error ? cause.message : String(cause)}. Correct that and run npm start again; npm run reconcile then settles what was interrupted`,
  );
  process.exit(1);
}

/**
 * Creates a directory and writes to it once.
 *
 * One part of the path at a time, because `mkdir` with `recursive` never returns on a file system that does not allow
 * directories (`/proc`).
 *
 * @throws {StartError} when it cannot be created or written to within five seconds
 */
async function prepareDirectory(path: string, name: string): Promise<void> {
  async function write(): Promise<void> {
    await makeDirectory(resolve(path));
    const probe = join(path, `.write-test-${process.pid}`);
    try {
      // A full disk still takes an empty file.
      await writeFile(probe, 'x');
    } finally {
      await rm(probe, { force: true });
    }
  }
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    timeout.reject,
    RESPONSE_TIMEOUT_MS,
    new Error('no response from its file system'),
  );
  try {
    await Promise.race([write(), timeout.promise]);
  } catch (cause) {
    throw new StartError(`${name} cannot be written: ${reasonOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function makeDirectory(path: string): Promise<void> {
  if (!(await isDirectory(dirname(path)))) await makeDirectory(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // The directory may exist on a file system that gives a different reason, such as that it is read-only.
    if (await isDirectory(path)) return;
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new Error(`${path} is not a folder`, { cause: error });
    }
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function listening(worker: Worker, access: AwsAccess, host: string): Promise<string> {
  const [port] = await once(worker, 'message');
  const endpoint = urlOf(host, portSchema.parse(port));
  // The database opens its folder at first use, so a locked one is noticed only now.
  await checkDynamodb(endpoint, access);
  return endpoint;
}

/** Repairs the folder, because the last process that wrote to it may have been killed. */
async function finishTornWritesAt(endpoint: string, access: AwsAccess): Promise<void> {
  const client = createDynamodbClient(endpoint, access);
  try {
    await finishTornWrites(client);
  } finally {
    client.destroy();
  }
}

/**
 * Makes sure that a DynamoDB responds at an endpoint.
 *
 * @throws {StartError} when it does not
 */
export async function useDynamodb(endpoint: string, access: AwsAccess): Promise<LocalDynamodb> {
  try {
    await checkDynamodb(endpoint, access);
  } catch (error) {
    throw new StartError(`DYNAMODB_ENDPOINT ${endpoint} does not respond: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return { endpoint, async close() {} };
}

/** Returns a client of the DynamoDB at an endpoint. */
export function createDynamodbClient(endpoint: string, access: AwsAccess): DynamoDBClient {
  return new DynamoDBClient({ endpoint, ...access });
}

async function checkDynamodb(endpoint: string, access: AwsAccess): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...access, maxAttempts: 1 });
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), {
      abortSignal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
  } finally {
    client.destroy();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message || error.name;
}
