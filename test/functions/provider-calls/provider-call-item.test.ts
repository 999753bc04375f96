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
