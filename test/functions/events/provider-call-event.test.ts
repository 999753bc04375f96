import '../stage.ts';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { handler } from '../../../functions/enrich-provider-call-events.ts';
import { eventOfChange } from '../../../functions/events/provider-call-event.ts';
import {
  type ProviderCallRecord,
  presentProviderCall,
  type StoredProviderCall,
} from '../../../functions/provider-calls/provider-call.ts';
import { toItem } from '../../../functions/provider-calls/provider-call-item.ts';
import { lambdaContext } from '../api-under-test.ts';
import { ids, sampleIntent, sampleRecord, sampleUnconfirmed } from '../provider-calls/sample-record.ts';

const deletedAt = '2026-04-22 00:00:00.000000';
const deletedBy = { type: 'accesskey', id: 'key-1' } as const;
const deleted = sampleRecord({ deletedAt, updatedAt: deletedAt, deletedBy });
const unconfirmed = sampleUnconfirmed();

const created = (record: ProviderCallRecord) => ({
  detail_type: 'providercall_created',
  detail: {
    ...presentProviderCall(record),
    actor: { type: 'agent', id: ids.agent },
    request_id: 'request-1',
  },
});

const changes: [string, StoredProviderCall | undefined, StoredProviderCall, object | undefined][] = [
  ['a record written at once', undefined, sampleRecord(), created(sampleRecord())],
  ['an intent that becomes a record', sampleIntent(), sampleRecord(), created(sampleRecord())],
  ['an unconfirmed one that becomes a record', unconfirmed, sampleRecord(), created(sampleRecord())],
  [
    'a record that is deleted',
    sampleRecord(),
    deleted,
    {
      detail_type: 'providercall_deleted',
      detail: { ...presentProviderCall(deleted), actor: deletedBy, request_id: 'request-1' },
    },
  ],
  ['a new intent', undefined, sampleIntent(), undefined],
  ['an intent that notes its flow', sampleIntent(), sampleIntent(), undefined],
  ['an intent whose calls are not known', sampleIntent(), unconfirmed, undefined],
  ['a record that is written again', sampleRecord(), sampleRecord({ updatedAt: deletedAt }), undefined],
  ['a deleted record that is written again', deleted, deleted, undefined],
];

describe('an event is', () => {
  test.each(changes)('of %s', (_what, before, after, event) => {
    expect(eventOfChange(before, after)).toEqual(event);
  });
});

test('changes come as DynamoDB’s stream has them, and go on as events in their order', async () => {
  const image = (stored: StoredProviderCall) =>
    marshall({ ...toItem(stored), list_customer: stored.customerId });
  const records = changes.map(([, before, after]) => ({
    eventName: before === undefined ? 'INSERT' : 'MODIFY',
    dynamodb: { ...(before !== undefined && { OldImage: image(before) }), NewImage: image(after) },
  }));
  expect(await handler(records, lambdaContext(10_000))).toEqual(
    changes.map(([, , , event]) => event).filter((event) => event !== undefined),
  );
});

test.each([
  ['no image', [{ eventName: 'REMOVE', dynamodb: {} }]],
  ['an image of another shape', [{ dynamodb: { NewImage: { id: { S: 'x' } } } }]],
  ['a type that items do not have', [{ dynamodb: { NewImage: { id: { B: 'eA==' } } } }]],
])('%s is an error: the batch goes to where failed ones go', async (_what, records) => {
  await expect(handler(records, lambdaContext(10_000))).rejects.toThrow();
});
