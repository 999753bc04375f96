import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createDocumentStore, createPlatformTable, type DocumentStore } from '../src/document-store.ts';
import { PLATFORM_TABLE } from '../src/platform-table.ts';
import { newTableName, startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';

const dynamodb = await startEmbeddedDynamodb();

const noteSchema = z.object({
  id: z.string(),
  owner: z.string(),
  at: z.string(),
  settled: z.boolean(),
  count: z.number(),
});
type Note = z.infer<typeof noteSchema>;

function notesIn(store: DocumentStore) {
  return store.collection<Note>({
    name: 'note',
    schema: noteSchema,
    idOf: ({ id }) => id,
    placementOf: ({ id, at, owner, settled }) => ({
      listed: { createdAt: at, id, customerId: owner },
      open: !settled,
    }),
  });
}

const EARLY = '2026-04-21 23:15:00.000000';
const LATE = '2026-04-21 23:15:01.000000';
function note(id: string, changes: Partial<Note> = {}): Note {
  return {
    id,
    owner: 'a',
    at: EARLY,
    settled: false,
    count: 0,
    ...changes,
  };
}

async function inDynamodb() {
  const table = newTableName();
  await createPlatformTable(dynamodb, table);
  return createDocumentStore(dynamodb, table);
}

describe.each([
  ['DynamoDB', inDynamodb],
  // The tests that use this one rest on it being like the real one.
  ['memory', async () => createMemoryDocumentStore()],
])('a store in %s', (_, create) => {
  test('insert writes a new document once', async () => {
    const notes = notesIn(await create());
    const written = await Promise.all([notes.insert(note('1')), notes.insert(note('1', { count: 1 }))]);
    expect(written.toSorted()).toEqual([false, true]);
    expect((await notes.get('1'))?.count).toBe(written[0] ? 0 : 1);
  });

  test('change loses no concurrent change', async () => {
    const notes = notesIn(await create());
    await notes.insert(note('1'));
    await Promise.all(
      Array.from({ length: 10 }, () =>
        notes.change('1', (found) => found && { ...found, count: found.count + 1 }),
      ),
    );
    expect((await notes.get('1'))?.count).toBe(10);
  });

  test('change creates a document that did not exist', async () => {
    const notes = notesIn(await create());
    expect(await notes.change('1', (found) => found ?? note('1'))).toEqual(note('1'));
    expect(await notes.get('1')).toEqual(note('1'));
  });

  test('change does not write a document when the edit returns nothing', async () => {
    const notes = notesIn(await create());
    await notes.insert(note('1'));
    expect(await notes.change('1', () => undefined)).toEqual(note('1'));
    expect(await notes.change('2', () => undefined)).toBeUndefined();
  });

  test('list returns the newest first, of one owner, from a position on', async () => {
    const notes = notesIn(await create());
    for (const one of [note('1'), note('2', { at: LATE }), note('3'), note('4', { owner: 'b' })])
      await notes.put(one);
    const ids = async (query: Parameters<typeof notes.list>[0]) =>
      (await notes.list(query)).map(({ id }) => id);
    expect(await ids({ limit: 10 })).toEqual(['2', '4', '3', '1']);
    expect(await ids({ customerId: 'a', limit: 2 })).toEqual(['2', '3']);
    expect(await ids({ after: { createdAt: EARLY, id: '3' }, limit: 10 })).toEqual(['1']);
    expect(await ids({ after: { createdAt: LATE, id: undefined }, limit: 10 })).toEqual(['4', '3', '1']);
  });

  test('listOpen returns a document until it is settled', async () => {
    const notes = notesIn(await create());
    await notes.put(note('1'));
    await notes.put(note('2'));
    await notes.put(note('1', { settled: true }));
    expect((await notes.listOpen()).map(({ id }) => id)).toEqual(['2']);
    expect((await notes.get('1'))?.settled).toBe(true);
  });

  test('a document keeps numbers of any size and JSON of any depth', async () => {
    const schema = z.object({ id: z.string(), json: z.unknown() });
    const kept = (await create()).collection<z.infer<typeof schema>>({
      name: 'json',
      schema,
      idOf: ({ id }) => id,
      placementOf: () => ({}),
    });
    const nested: unknown = JSON.parse(`${'['.repeat(40)}1e300${']'.repeat(40)}`);
    await kept.put({ id: '1', json: [1e21, -0.1, nested] });
    expect(await kept.get('1')).toEqual({ id: '1', json: [1e21, -0.1, nested] });
  });

  test('two kinds are separate', async () => {
    const store = await create();
    await notesIn(store).put(note('1'));
    const others = store.collection<Note>({
      name: 'other',
      schema: noteSchema,
      idOf: ({ id }) => id,
      placementOf: ({ id, at }) => ({ listed: { createdAt: at, id } }),
    });
    expect([await others.get('1'), await others.list({ limit: 10 })]).toEqual([undefined, []]);
  });
});

test('an item that an earlier version wrote as a map is read', async () => {
  const table = newTableName();
  await createPlatformTable(dynamodb, table);
  await DynamoDBDocumentClient.from(dynamodb).send(
    new PutCommand({
      TableName: table,
      Item: { [PLATFORM_TABLE.partitionKey]: 'note#1', version: 0, document: note('1') },
    }),
  );
  expect(await notesIn(createDocumentStore(dynamodb, table)).get('1')).toEqual(note('1'));
});

test('a table that exists is used as it is', async () => {
  const table = newTableName();
  await createPlatformTable(dynamodb, table);
  const notes = notesIn(createDocumentStore(dynamodb, table));
  await notes.put(note('1'));
  await createPlatformTable(dynamodb, table);
  expect(await notes.get('1')).toEqual(note('1'));
});
