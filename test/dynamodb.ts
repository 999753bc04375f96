import { randomUUID } from 'node:crypto';
import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
import dynalite from 'dynalite';
import { afterAll } from 'vitest';
import { ACCESS_KEY_TABLE } from '../functions/auth/access-key-table.ts';
import { PROVIDER_CALL_TABLE } from '../functions/provider-calls/provider-call-item.ts';

/*
 * A DynamoDB for one test file: dynalite in memory, or the engine at TEST_DYNAMODB_ENDPOINT. Tables have random names,
 * so that files can share an engine.
 */

export type TestDynamodb = {
  endpoint: string;
  client: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  /**
   * The operations that were requested through `endpoint` and the clients since the last `forget`, in order:
   * "GetItem", …
   */
  operations: string[];
  forget(): void;
  createProviderCallTable(): Promise<string>;
  createAccessKeyTable(): Promise<string>;
};

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const REGION = 'us-east-1';

/** Starts a DynamoDB that ends with the test file. */
export async function startDynamodb(): Promise<TestDynamodb> {
  const operations: string[] = [];
  const external = process.env['TEST_DYNAMODB_ENDPOINT'];
  const endpoint =
    external === undefined ? await startEngine(operations) : await startRecorder(external, operations);
  const client = new DynamoDBClient({ region: REGION, endpoint, credentials: CREDENTIALS });
  afterAll(() => client.destroy());
  return {
    endpoint,
    client,
    documents: DynamoDBDocumentClient.from(client),
    operations,
    forget: () => {
      operations.length = 0;
    },
    createProviderCallTable: () => whenActive(client, createProviderCallTable(client)),
    createAccessKeyTable: () =>
      whenActive(client, createTable(client, { partitionKey: ACCESS_KEY_TABLE.partitionKey, indexes: [] })),
  };
}

/** Starts dynalite and notes the operations of its requests. */
async function startEngine(operations: string[]): Promise<string> {
  const server = dynalite({ createTableMs: 0 });
  server.prependListener('request', (incoming: IncomingMessage) => operations.push(operationOf(incoming)));
  return await urlOf(server);
}

/** Passes requests on to another engine and notes their operations, whichever client they come from. */
async function startRecorder(engine: string, operations: string[]): Promise<string> {
  const { hostname, port } = new URL(engine);
  const server = createServer((incoming, outgoing) => {
    operations.push(operationOf(incoming));
    const { method, url, headers } = incoming;
    const passedOn = forward({ hostname, port, method, path: url, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  return await urlOf(server);
}

/** Makes a server listen until the end of the test file, and returns its URL. */
async function urlOf(server: Server): Promise<string> {
  // Requests on connections that are closed as they are used again are sent twice, and would be noted twice.
  server.keepAliveTimeout = 0;
  const { url, close } = await listen(server, LOOPBACK);
  afterAll(close);
  return url;
}

/** Waits until a table can be used, for which the waiter needs a second even where the engine does not. */
async function whenActive(client: DynamoDBClient, creating: Promise<string>): Promise<string> {
  const TableName = await creating;
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName });
  return TableName;
}

/** Creates an empty ProviderCall table, which the embedded DynamoDB has at once, and returns its name. */
export function createProviderCallTable(client: DynamoDBClient): Promise<string> {
  const { partitionKey, indexes } = PROVIDER_CALL_TABLE;
  return createTable(client, { partitionKey, indexes: Object.values(indexes) });
}

function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target']).split('.').at(-1) ?? '';
}

function string(AttributeName: string) {
  return { AttributeName, AttributeType: 'S' as const };
}

function hash(AttributeName: string) {
  return { AttributeName, KeyType: 'HASH' as const };
}

function range(AttributeName: string) {
  return { AttributeName, KeyType: 'RANGE' as const };
}

async function createTable(
  client: DynamoDBClient,
  {
    partitionKey,
    indexes,
  }: {
    partitionKey: string;
    indexes: (typeof PROVIDER_CALL_TABLE.indexes)[keyof typeof PROVIDER_CALL_TABLE.indexes][];
  },
): Promise<string> {
  const TableName = `test-${randomUUID()}`;
  const attributes = new Set([
    partitionKey,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ]);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map(string),
      KeySchema: [hash(partitionKey)],
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: [hash(index.partitionKey), range(index.sortKey)],
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }),
    }),
  );
  return TableName;
}

/** Returns the variables with which a function finds this DynamoDB, as the Lambda runtime would set them. */
export function awsVariables({ endpoint }: TestDynamodb) {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
}
