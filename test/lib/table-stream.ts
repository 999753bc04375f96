import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll } from 'vitest';
import * as z from 'zod/mini';

type Image = Record<string, AttributeValue>;

/** A record of a stream with both images, as far as filters and functions read it. */
export type StreamRecord = {
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  dynamodb: { OldImage?: Image; NewImage?: Image };
};

const key = z.object({ id: z.object({ S: z.string() }) });
const writeSchema = z.object({ TableName: z.string(), Key: z.optional(key), Item: z.optional(key) });

/**
 * Starts a stream for a DynamoDB that has none: passes requests on and notes the effect of each write on its
 * item. Like a real stream, it has no record of a write that leaves the item unchanged. Writes must be
 * sequential.
 */
export async function startTableStream(engine: string) {
  const records: StreamRecord[] = [];
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: engine,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

  const imageOf = async (body: string): Promise<Image | undefined> => {
    const { TableName, Key, Item } = writeSchema.parse(JSON.parse(body));
    const { id } = key.parse(Key ?? Item);
    const response = await client.send(new GetItemCommand({ TableName, Key: { id }, ConsistentRead: true }));
    return response.Item;
  };

  const note = (before: Image | undefined, after: Image | undefined) => {
    if (isDeepStrictEqual(before, after)) return;
    records.push({
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      dynamodb: { ...(before && { OldImage: before }), ...(after && { NewImage: after }) },
    });
  };

  const server = createServer(async (incoming, outgoing) => {
    const body = (await buffer(incoming)).toString();
    const isWrite = /\.(PutItem|UpdateItem|DeleteItem)$/.test(String(incoming.headers['x-amz-target']));
    const before = isWrite ? await imageOf(body) : undefined;
    const response = await fetch(engine, {
      method: 'POST',
      headers: Object.entries(incoming.headers)
        .filter(([name]) => name === 'authorization' || name === 'content-type' || name.startsWith('x-amz-'))
        .map(([name, value]): [string, string] => [name, String(value)]),
      body,
    });
    if (isWrite) note(before, await imageOf(body));
    outgoing.writeHead(response.status, { 'Content-Type': 'application/x-amz-json-1.0' });
    outgoing.end(await response.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Returns what was written since the last call. */
    take: (): StreamRecord[] => records.splice(0),
  };
}
