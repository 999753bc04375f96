import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
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
  const { url, close } = await listen(server, LOOPBACK);
  afterAll(async () => {
    client.destroy();
    await close();
  });
  return {
    url,
    /** Returns what was written since the last call. */
    take: (): StreamRecord[] => records.splice(0),
  };
}
