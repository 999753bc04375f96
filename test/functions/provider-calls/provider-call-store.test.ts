import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { type ListInput, listProviderCalls } from '../../../functions/provider-calls/list-provider-calls.ts';
import type { PagePosition } from '../../../functions/provider-calls/page-token.ts';
import { pageTokenSchema } from '../../../functions/provider-calls/page-token.ts';
import type {
  Actor,
  Intent,
  PlacedProviderCall,
  VisibleProviderCall,
} from '../../../functions/provider-calls/provider-call.ts';
import { listKeys, toItem } from '../../../functions/provider-calls/provider-call-item.ts';
import {
  createProviderCallStore,
  type ProviderCallStore,
} from '../../../functions/provider-calls/provider-call-store.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startDynamodb } from '../../dynamodb.ts';
import { CREATED_AT, IDS, keptOf, sampleIntent, sampleRecord, sampleUnconfirmed } from './sample-record.ts';

const dynamodb = await startDynamodb();
let table: string;
let store: ProviderCallStore;

beforeEach(async () => {
  table = await dynamodb.createProviderCallTable();
  store = createProviderCallStore(dynamodb.documents, table);
  dynamodb.forget();
});

const DUE = '2026-04-21 23:16:00.000000';
const LATER = '2026-04-22 00:00:00.000000';
const LATEST = '2026-04-23 00:00:00.000000';
const DELETER = { type: 'agent', id: IDS.otherAgent } as const;
const PLACED = { callIds: [IDS.call], groupcallIds: [IDS.groupcall] };

function idsOf(records: VisibleProviderCall[]) {
  return records.map(({ id }) => id);
}
async function listed(query: { customerId?: string; providerId?: string } = {}) {
  return idsOf(
    (
      await store.list({
        customerId: IDS.customer,
        providerId: undefined,
        after: undefined,
        limit: 100,
        ...query,
      })
    ).records,
  );
}
async function isDue(at = LATEST) {
  return (await store.listDue({ now: at, limit: 25 })).map(({ id }) => id);
}
async function rawItem(id: string) {
  return (await dynamodb.documents.send(new GetCommand({ TableName: table, Key: { id } }))).Item;
}

function softDelete(id: string, deletedBy: Actor = DELETER, deletedAt = LATER) {
  return store.softDelete({ id, customerId: IDS.customer, deletedBy, deletedAt });
}

/** Stores a placed record in the way that create does. */
async function storeRecord(changes: Partial<Intent> = {}) {
  const intent = sampleIntent(changes);
  await store.insertIntent({ intent, due: DUE });
  return await store.complete({ unsettled: intent, placed: PLACED, updatedAt: intent.createdAt });
}

describe('an intent', () => {
  test('is stored once under its id', async () => {
    const intent = sampleIntent();
    expect(await store.insertIntent({ intent, due: DUE })).toEqual({ kind: 'inserted', intent });
    const second = sampleIntent({ attempt: IDS.laterAttempt });
    expect(await store.insertIntent({ intent: second, due: LATER })).toEqual({
      kind: 'existing',
      stored: intent,
    });
    expect(await store.get(IDS.record)).toEqual(intent);
  });

  test('is in no list, and due from its time on', async () => {
    await store.insertIntent({ intent: sampleIntent(), due: DUE });
    expect(await listed()).toEqual([]);
    expect(await listed({ providerId: IDS.provider })).toEqual([]);
    expect(await isDue('2026-04-21 23:15:59.999999')).toEqual([]);
    expect(await isDue(DUE)).toEqual([IDS.record]);
  });

  test('learns its temporary flow', async () => {
    const intent = sampleIntent({ temporaryFlow: { actions: [{ type: 'answer' }], flowId: null } });
    await store.insertIntent({ intent, due: DUE });
    const withFlow = { ...intent, temporaryFlow: { actions: [{ type: 'answer' }], flowId: IDS.flow } };
    expect(await store.noteTemporaryFlow({ intent, flowId: IDS.flow })).toEqual(withFlow);
    expect(await store.get(IDS.record)).toEqual(withFlow);
  });

  test('does not learn the temporary flow of another attempt, which is told so', async () => {
    const later = sampleIntent({
      attempt: IDS.laterAttempt,
      temporaryFlow: { actions: [{ type: 'answer' }], flowId: null },
    });
    await store.insertIntent({ intent: later, due: DUE });
    const intent = { ...later, attempt: IDS.attempt };
    expect(await store.noteTemporaryFlow({ intent, flowId: IDS.flow })).toBeUndefined();
    expect(await store.get(IDS.record)).toEqual(later);
  });

  test('is stored once, however many race for its id', async () => {
    const attempts = Array.from({ length: 8 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
    const results = await Promise.all(
      attempts.map((attempt) => store.insertIntent({ intent: sampleIntent({ attempt }), due: DUE })),
    );
    const inserted = results.flatMap((result) => (result.kind === 'inserted' ? [result.intent] : []));
    expect(inserted).toHaveLength(1);
    expect(await store.get(IDS.record)).toEqual(inserted[0]);
    expect(results.filter(({ kind }) => kind === 'existing')).toEqual(
      Array.from({ length: 7 }, () => ({ kind: 'existing', stored: inserted[0] })),
    );
  });
});

describe('completing', () => {
  test('makes the record, lists it and removes it from what is due', async () => {
    const intent = sampleIntent({ temporaryFlow: { actions: [{ type: 'answer' }], flowId: IDS.flow } });
    await store.insertIntent({ intent, due: DUE });
    const record = await store.complete({ unsettled: intent, placed: PLACED, updatedAt: LATER });
    expect(record).toEqual({
      ...keptOf(intent),
      state: 'placed',
      callIds: [IDS.call],
      groupcallIds: [IDS.groupcall],
      updatedAt: LATER,
      temporaryFlow: null,
    });
    expect(await store.get(IDS.record)).toEqual(record);
    expect(await listed()).toEqual([IDS.record]);
    expect(await listed({ providerId: IDS.provider })).toEqual([IDS.record]);
    expect(await listed({ providerId: IDS.otherProvider })).toEqual([]);
    expect(await isDue()).toEqual([]);
    const item = await rawItem(IDS.record);
    const onlyUnsettled = ['open', 'due', 'actions', 'never_dialled', 'postponed', 'candidates'];
    expect(Object.keys(item ?? {}).filter((name) => onlyUnsettled.includes(name))).toEqual([]);
  });

  test('changes nothing the second time', async () => {
    const record = await storeRecord();
    const other = { callIds: [IDS.flow], groupcallIds: [] };
    expect(await store.complete({ unsettled: sampleIntent(), placed: other, updatedAt: LATEST })).toEqual(
      record,
    );
    expect(await store.get(IDS.record)).toEqual(record);
  });

  test('never writes over another attempt under the same id', async () => {
    const current = sampleIntent({ attempt: IDS.laterAttempt });
    await store.insertIntent({ intent: current, due: DUE });
    expect(await store.complete({ unsettled: sampleIntent(), placed: PLACED, updatedAt: LATER })).toEqual(
      current,
    );
    expect(await store.get(IDS.record)).toEqual(current);
  });

  test('makes the record of calls whose intent is gone', async () => {
    const record = await store.complete({ unsettled: sampleIntent(), placed: PLACED, updatedAt: LATER });
    expect(keptOf(record)).toEqual(sampleRecord({ ...PLACED, updatedAt: LATER }));
    expect(await store.get(IDS.record)).toEqual(keptOf(record));
    expect(await listed()).toEqual([IDS.record]);
  });

  test('recreates a deleted record whose item is gone, in no list', async () => {
    const record = await store.complete({
      unsettled: sampleUnconfirmed({ deletedAt: LATER }),
      placed: PLACED,
      updatedAt: LATEST,
    });
    expect(await store.get(IDS.record)).toEqual(keptOf(record));
    expect(record.deletedAt).toBe(LATER);
    expect(await listed()).toEqual([]);
  });
});

describe('an unconfirmed record', () => {
  test('is listed and still due', async () => {
    const intent = sampleIntent();
    await store.insertIntent({ intent, due: DUE });
    await store.markUnconfirmed({ unsettled: intent, due: LATER });
    expect(await store.get(IDS.record)).toEqual({ ...intent, state: 'unconfirmed' });
    expect(await listed()).toEqual([IDS.record]);
    expect(await isDue('2026-04-21 23:59:59.999999')).toEqual([]);
    expect(await isDue(LATER)).toEqual([IDS.record]);
  });

  test('can be postponed', async () => {
    const intent = sampleIntent();
    await store.insertIntent({ intent, due: DUE });
    await store.postpone({ unsettled: intent, due: LATER });
    expect(await store.get(IDS.record)).toEqual(intent);
    expect(await isDue(DUE)).toEqual([]);
    expect(await isDue(LATER)).toEqual([IDS.record]);
  });

  test('that was deleted becomes complete without coming back into the lists', async () => {
    const intent = sampleIntent();
    await store.insertIntent({ intent, due: DUE });
    await store.markUnconfirmed({ unsettled: intent, due: DUE });
    const deleted = await softDelete(IDS.record);
    const record = await store.complete({ unsettled: intent, placed: PLACED, updatedAt: LATEST });
    expect(record).toEqual({
      ...(deleted && keptOf(deleted)),
      state: 'placed',
      ...PLACED,
      updatedAt: LATEST,
    });
    expect(record.deletedAt).toBe(LATER);
    expect(await listed()).toEqual([]);
    expect(await isDue()).toEqual([]);
  });

  test('deleted while it becomes complete is both, in either order', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const intent = sampleIntent({ id: `00000000-0000-4000-8000-0000000000${index + 10}` });
        await store.insertIntent({ intent, due: DUE });
        await store.markUnconfirmed({ unsettled: intent, due: DUE });
        const both = [
          () => softDelete(intent.id),
          () => store.complete({ unsettled: intent, placed: PLACED, updatedAt: LATER }),
        ];
        await Promise.all((index % 2 === 0 ? both : both.toReversed()).map((write) => write()));
        expect(await store.get(intent.id)).toEqual({
          ...keptOf(intent),
          state: 'placed',
          ...PLACED,
          updatedAt: LATER,
          deletedAt: LATER,
          deletedBy: DELETER,
        });
      }),
    );
    expect(await listed()).toEqual([]);
    expect(await listed({ providerId: IDS.provider })).toEqual([]);
    expect(await isDue()).toEqual([]);
  });
});

describe('removing', () => {
  test('deletes an intent', async () => {
    await store.insertIntent({ intent: sampleIntent(), due: DUE });
    await store.remove(sampleIntent());
    expect(await store.get(IDS.record)).toBeUndefined();
    expect(await isDue()).toEqual([]);
  });

  test.each([
    ['a record that was placed', () => storeRecord()],
    [
      'a later attempt',
      () => store.insertIntent({ intent: sampleIntent({ attempt: IDS.laterAttempt }), due: DUE }),
    ],
  ])('leaves %s alone', async (_what, prepare) => {
    await prepare();
    const before = await store.get(IDS.record);
    await store.remove(sampleIntent());
    expect(before).toBeDefined();
    expect(await store.get(IDS.record)).toEqual(before);
  });

  test('does nothing when there is no item', async () => {
    await store.remove(sampleIntent());
    expect(await store.get(IDS.record)).toBeUndefined();
  });
});

describe('deleting', () => {
  test('keeps the record, with its time and who did it, and removes it from the lists', async () => {
    const record = await storeRecord();
    const deleted = { ...record, deletedAt: LATER, updatedAt: LATER, deletedBy: DELETER };
    expect(await softDelete(IDS.record)).toEqual(deleted);
    expect(await store.get(IDS.record)).toEqual(deleted);
    expect(await listed()).toEqual([]);
    expect(await listed({ providerId: IDS.provider })).toEqual([]);
  });

  test('a second time changes nothing', async () => {
    await storeRecord();
    const first = await softDelete(IDS.record);
    const again = { type: 'accesskey', id: 'another' } as const;
    expect(await softDelete(IDS.record, again, LATEST)).toEqual(first);
    expect(await store.get(IDS.record)).toEqual(first);
  });

  test('by many at once is one deletion', async () => {
    await storeRecord();
    const deletions = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        softDelete(IDS.record, { type: 'agent', id: `agent-${index}` }, `2026-04-22 00:00:0${index}.000000`),
      ),
    );
    const existing = await store.get(IDS.record);
    expect(existing?.deletedAt).toBeTypeOf('string');
    expect(deletions).toEqual(deletions.map(() => existing));
  });

  test.each([
    ['another customer’s record', () => storeRecord({ customerId: IDS.otherCustomer })],
    ['an intent', () => store.insertIntent({ intent: sampleIntent(), due: DUE })],
  ])('%s changes nothing', async (_what, prepare) => {
    await prepare();
    const before = await store.get(IDS.record);
    expect(await softDelete(IDS.record)).toBeUndefined();
    expect(before).toBeDefined();
    expect(await store.get(IDS.record)).toEqual(before);
  });

  test('a record that does not exist creates no item', async () => {
    expect(await softDelete(IDS.record)).toBeUndefined();
    expect(await rawItem(IDS.record)).toBeUndefined();
  });
});

describe('listing', () => {
  const listPage = (input: Omit<ListInput, 'customerId'>) =>
    listProviderCalls({ store }, createRequestScope('request-1'), { customerId: IDS.customer, ...input });

  /** Stores placed records as `complete` leaves them, 25 in a request, which is the maximum of DynamoDB. */
  const write = async (records: PlacedProviderCall[]) => {
    for (let at = 0; at < records.length; at += 25) {
      const requests = records
        .slice(at, at + 25)
        .map((record) => ({ PutRequest: { Item: { ...toItem(record), ...listKeys(record) } } }));
      await dynamodb.documents.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
    }
  };

  const timestampOf = (index: number) =>
    `2026-04-21 23:15:00.${String(index < 150 ? Math.floor(index / 50) : index).padStart(6, '0')}`;
  const idOf = (index: number) =>
    `${String((index * 7919) % 100_000).padStart(8, '0')}-0000-4000-8000-000000000000`;

  test('returns 250 records in pages with equal timestamps, deleted ones between, without a gap or a repetition', async () => {
    const all = Array.from({ length: 250 }, (_, index) =>
      sampleRecord({
        id: idOf(index),
        createdAt: timestampOf(index),
        updatedAt: timestampOf(index),
        providerId: index % 3 === 0 ? IDS.otherProvider : IDS.provider,
      }),
    );
    const others = Array.from({ length: 20 }, (_, index) =>
      sampleRecord({ id: idOf(1000 + index), createdAt: timestampOf(index), customerId: IDS.otherCustomer }),
    );
    await write([...all, ...others]);
    const deleted = all.filter((_, index) => index % 10 === 4);
    await Promise.all(deleted.map(({ id }) => softDelete(id)));
    const kept = all
      .filter((_, index) => index % 10 !== 4)
      .toSorted((a, b) => (`${a.createdAt}#${a.id}` < `${b.createdAt}#${b.id}` ? 1 : -1));

    const pages = async (pageSize: number, providerId?: string) => {
      const found: string[] = [];
      let after: PagePosition | undefined;
      let requests = 0;
      do {
        const page = await listPage({ providerId, pageSize, after });
        expect(page.records.length).toBeLessThanOrEqual(pageSize);
        found.push(...idsOf(page.records));
        after = page.nextPageToken === '' ? undefined : pageTokenSchema.parse(page.nextPageToken);
        requests += 1;
      } while (after !== undefined);
      return { found, requests };
    };

    for (const pageSize of [9, 50, 100]) {
      dynamodb.forget();
      const { found, requests } = await pages(pageSize);
      expect(found).toEqual(idsOf(kept));
      expect(requests).toBe(Math.ceil(kept.length / pageSize));
      expect(dynamodb.operations).toEqual(Array.from({ length: requests }, () => 'Query'));
    }
    for (const providerId of [IDS.provider, IDS.otherProvider]) {
      expect((await pages(13, providerId)).found).toEqual(
        idsOf(kept.filter((record) => record.providerId === providerId)),
      );
    }
  });

  test('returns what is older than a plain timestamp', async () => {
    await write([
      sampleRecord({ id: idOf(1), createdAt: '2026-04-21 23:15:00.000001' }),
      sampleRecord({ id: idOf(2), createdAt: '2026-04-21 23:15:00.000002' }),
      sampleRecord({ id: idOf(3), createdAt: '2026-04-21 23:15:00.000003' }),
    ]);
    const after = pageTokenSchema.parse('2026-04-21T23:15:00.000002Z');
    const { records } = await listPage({
      providerId: undefined,
      pageSize: 10,
      after,
    });
    expect(idsOf(records)).toEqual([idOf(1)]);
  });

  test('continues where DynamoDB ends a response at 1 MB', async () => {
    const longAddress = { type: 'sip', target: 'x'.repeat(255), target_name: 'y'.repeat(255) } as const;
    const all = Array.from({ length: 60 }, (_, index) =>
      sampleRecord({
        id: idOf(index),
        createdAt: timestampOf(150 + index),
        destinations: Array.from({ length: 50 }, () => longAddress),
      }),
    );
    await write(all);
    const first = await listPage({
      providerId: undefined,
      pageSize: 100,
      after: undefined,
    });
    expect(first.records.length).toBeLessThan(60);
    const after = pageTokenSchema.parse(first.nextPageToken);
    const second = await listPage({
      providerId: undefined,
      pageSize: 100,
      after,
    });
    expect(second.nextPageToken).toBe('');
    expect(idsOf([...first.records, ...second.records])).toEqual(idsOf(all.toReversed()));
  });
});

describe('the list of what is due', () => {
  test('has the longest due first, as many as requested, beginning after the last one', async () => {
    const intents = [3, 1, 2].map((second) => ({
      id: `0000000${second}-0000-4000-8000-000000000000`,
      second,
    }));
    for (const { id, second } of intents) {
      await store.insertIntent({ intent: sampleIntent({ id }), due: `2026-04-21 23:16:0${second}.000000` });
    }
    const page = await store.listDue({ now: LATEST, limit: 2 });
    expect(page).toEqual([
      {
        id: '00000001-0000-4000-8000-000000000000',
        due: '2026-04-21 23:16:01.000000',
        tm_create: CREATED_AT,
        candidates: [],
      },
      {
        id: '00000002-0000-4000-8000-000000000000',
        due: '2026-04-21 23:16:02.000000',
        tm_create: CREATED_AT,
        candidates: [],
      },
    ]);
    expect(await store.listDue({ now: LATEST, limit: 2, after: page[1] })).toEqual([
      {
        id: '00000003-0000-4000-8000-000000000000',
        due: '2026-04-21 23:16:03.000000',
        tm_create: CREATED_AT,
        candidates: [],
      },
    ]);
  });
});

test.each([
  ['null', null],
  ['a number', 0],
  ['not a timestamp', 'yesterday'],
])('an item whose time of creation is %s is due like any other', async (_, tm_create) => {
  await store.insertIntent({ intent: sampleIntent(), due: DUE });
  const item = { ...(await rawItem(IDS.record)), tm_create, candidates: 'none' };
  await dynamodb.documents.send(new PutCommand({ TableName: table, Item: item }));
  expect(await store.listDue({ now: LATEST, limit: 25 })).toEqual([{ id: IDS.record, due: DUE }]);
});

test('an item of another shape is an error', async () => {
  const { customer_id: _, ...rest } = { ...sampleRecord(), customer_id: IDS.customer };
  await dynamodb.documents.send(new PutCommand({ TableName: table, Item: { ...rest, state: 'new' } }));
  await expect(store.get(IDS.record)).rejects.toThrow();
});

describe('requests to DynamoDB', () => {
  const mocked = () => {
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
    return { mock: mockClient(documents), store: createProviderCallStore(documents, 'calls') };
  };

  test('one record is read with consistency', async () => {
    const { mock, store } = mocked();
    mock.on(GetCommand).resolves({});
    await store.get(IDS.record);
    expect(mock.calls().map(({ args }) => args[0].input)).toEqual([
      { TableName: 'calls', Key: { id: IDS.record }, ConsistentRead: true },
    ]);
  });

  test('a list is one query of the narrowest index, for the visible attributes', async () => {
    const visible = [
      ...['id', 'customer_id', 'provider_id', 'flow_id', 'source', 'destinations', 'anonymous', 'call_ids'],
      ...['groupcall_ids', 'tm_create', 'tm_update', 'tm_delete', 'state'],
    ];
    const visibleNames = Object.fromEntries(visible.map((attribute) => [`#${attribute}`, attribute]));
    const { mock, store } = mocked();
    mock.on(QueryCommand).resolves({});
    await store.list({ customerId: IDS.customer, providerId: undefined, after: undefined, limit: 11 });
    await store.list({
      customerId: IDS.customer,
      providerId: IDS.provider,
      after: { createdAt: CREATED_AT, id: IDS.record },
      limit: 101,
    });
    expect(mock.calls().map(({ args }) => args[0].input)).toEqual([
      {
        TableName: 'calls',
        IndexName: 'by-customer',
        ScanIndexForward: false,
        Limit: 11,
        ProjectionExpression: visible.map((attribute) => `#${attribute}`).join(', '),
        KeyConditionExpression: '#partition = :partition',
        ExpressionAttributeNames: { ...visibleNames, '#partition': 'list_customer' },
        ExpressionAttributeValues: { ':partition': IDS.customer },
      },
      {
        TableName: 'calls',
        IndexName: 'by-provider',
        ScanIndexForward: false,
        Limit: 101,
        ProjectionExpression: visible.map((attribute) => `#${attribute}`).join(', '),
        KeyConditionExpression: '#partition = :partition AND #order < :bound',
        ExpressionAttributeNames: { ...visibleNames, '#partition': 'list_provider', '#order': 'list_order' },
        ExpressionAttributeValues: {
          ':partition': `${IDS.customer}#${IDS.provider}`,
          ':bound': `${CREATED_AT}#${IDS.record}`,
        },
      },
    ]);
  });

  test('an intent is written on the condition that its id is new', async () => {
    const { mock, store } = mocked();
    mock.on(PutCommand).resolves({});
    await store.insertIntent({ intent: sampleIntent(), due: DUE });
    expect(mock.calls().map(({ args }) => args[0].input)).toEqual([
      {
        TableName: 'calls',
        Item: {
          id: IDS.record,
          customer_id: IDS.customer,
          provider_id: IDS.provider,
          flow_id: '00000000-0000-0000-0000-000000000000',
          source: { type: 'tel', target: '+14155551234', target_name: '' },
          destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
          anonymous: 'auto',
          call_ids: [],
          groupcall_ids: [],
          tm_create: CREATED_AT,
          tm_update: CREATED_AT,
          state: 'intent',
          never_dialled: false,
          postponed: 0,
          candidates: [],
          attempt: IDS.attempt,
          created_by: { type: 'agent', id: IDS.agent },
          request_id: 'request-1',
          open: 'open',
          due: DUE,
        },
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': 'id' },
      },
    ]);
  });

  test('errors other than a failed condition are passed through', async () => {
    const { mock, store } = mocked();
    const error = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    mock.onAnyCommand().rejects(error);
    await expect(store.insertIntent({ intent: sampleIntent(), due: DUE })).rejects.toBe(error);
    await expect(
      store.complete({ unsettled: sampleIntent(), placed: PLACED, updatedAt: LATER }),
    ).rejects.toBe(error);
    await expect(store.remove(sampleIntent())).rejects.toBe(error);
  });
});
