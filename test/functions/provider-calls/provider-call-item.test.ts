import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  fromItem,
  listKeys,
  openKeys,
  toItem,
  updateExpression,
} from '../../../functions/provider-calls/provider-call-item.ts';
import { CREATED_AT, IDS, sampleIntent, sampleRecord } from './sample-record.ts';

const ACTIONS = [
  { type: 'talk', option: { text: 'hi', big: 2 ** 60, small: 1e-300, '': { deep: [[['empty', '']]] } } },
];

describe('an item is read as it was written:', () => {
  test.each([
    ['a placed record', sampleRecord()],
    ['an intent', sampleIntent()],
    ['no source', sampleRecord({ source: null })],
    [
      'a deleted record',
      sampleRecord({ deletedAt: CREATED_AT, deletedBy: { type: 'accesskey', id: 'key-1' } }),
    ],
    ['an idempotency key', sampleRecord({ idempotency: { keyHash: 'hash', fingerprint: 'print' } })],
    [
      'actions before their flow is known',
      sampleIntent({ temporaryFlow: { actions: ACTIONS, flowId: null } }),
    ],
    ['a failed attempt', sampleIntent({ neverDialled: true, postponed: 3 })],
    ['actions and their flow', sampleIntent({ temporaryFlow: { actions: ACTIONS, flowId: IDS.flow } })],
  ])('%s', (_what, stored) => {
    expect(fromItem(toItem(stored))).toEqual(stored);
  });
});

test('absent attributes stand for null, since conditions test for their absence', () => {
  expect(Object.keys(toItem(sampleRecord()))).toEqual([
    'id',
    'customer_id',
    'provider_id',
    'flow_id',
    'source',
    'destinations',
    'anonymous',
    'call_ids',
    'groupcall_ids',
    'tm_create',
    'tm_update',
    'state',
    'attempt',
    'created_by',
    'request_id',
  ]);
});

test.each([
  ['no customer', { customer_id: undefined }],
  ['another state', { state: 'new' }],
  ['a destination of another shape', { destinations: ['+821012345678'] }],
  ['a key’s hash but no fingerprint', { idempotency_key_hash: 'a'.repeat(64), fingerprint: undefined }],
  ['another kind of actor', { created_by: { type: 'root', id: '1' } }],
])('an item with %s is an error', (_what, changes) => {
  expect(() => fromItem({ ...toItem(sampleRecord()), ...changes })).toThrow();
});

test('an address that a request may no longer have is read as it is', () => {
  const source = { type: 'tel', target: '1'.repeat(1_000), target_name: 'a\nb' } as const;
  expect(fromItem({ ...toItem(sampleRecord()), source }).source).toEqual(source);
});

test('the index keys order records by time and id', () => {
  expect({ ...listKeys(sampleRecord()), ...openKeys(CREATED_AT) }).toEqual({
    list_customer: IDS.customer,
    list_provider: `${IDS.customer}#${IDS.provider}`,
    list_order: `${CREATED_AT}#${IDS.record}`,
    open: 'open',
    due: CREATED_AT,
  });
});

const KEY = { keyHash: 'a'.repeat(64), fingerprint: 'b'.repeat(64) };
const [DESTINATION] = sampleRecord().destinations;

// docs/operations.md has these numbers.
describe('with its index keys, an item has the documented size:', () => {
  test.each([
    { what: 'a record of one destination', stored: sampleRecord(), bytes: 799 },
    { what: 'a record with an idempotency key', stored: sampleRecord({ idempotency: KEY }), bytes: 958 },
    {
      what: 'a record of fifty destinations',
      stored: sampleRecord({ destinations: Array(50).fill(DESTINATION), callIds: Array(50).fill(IDS.call) }),
      bytes: 4_768,
    },
    { what: 'an intent of one destination', stored: sampleIntent(), bytes: 648 },
    { what: 'an intent with an idempotency key', stored: sampleIntent({ idempotency: KEY }), bytes: 807 },
  ])('$what, $bytes bytes', ({ stored, bytes }) => {
    const item = toItem({ ...stored, requestId: randomUUID() });
    const keys = stored.state === 'placed' ? listKeys(stored) : openKeys(CREATED_AT);
    expect(sizeOf({ ...item, ...keys })).toBe(bytes);
  });
});

/** Returns the size of an item in bytes, as DynamoDB's Developer Guide describes it ("DynamoDB item sizes and formats"). */
function sizeOf(item: object): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
}

function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  // Of a number with few digits, at most.
  if (typeof value === 'number') return 21;
  if (value === null || typeof value !== 'object') return 1;
  const entries = Array.isArray(value)
    ? value.map((element) => ['', element] as const)
    : Object.entries(value);
  return entries.reduce(
    (sum, [name, element]) => sum + 1 + Buffer.byteLength(name) + sizeOfValue(element),
    3,
  );
}

test('an update sets and removes attributes by placeholders', () => {
  expect(updateExpression({ set: { state: 'placed', open: 1 }, remove: ['due', 'actions'] })).toEqual({
    text: 'SET #state = :state, #open = :open REMOVE #due, #actions',
    names: { '#state': 'state', '#open': 'open', '#due': 'due', '#actions': 'actions' },
    values: { ':state': 'placed', ':open': 1 },
  });
});

test('an update that removes nothing has no REMOVE', () => {
  expect(updateExpression({ set: { due: 'now' } })).toEqual({
    text: 'SET #due = :due',
    names: { '#due': 'due' },
    values: { ':due': 'now' },
  });
});
