import {
  type ProviderCallRecord,
  presentProviderCall,
  type StoredProviderCall,
} from '../../../functions/provider-calls/provider-call.ts';
import { IDS, sampleIntent, sampleRecord, sampleUnconfirmed } from '../provider-calls/sample-record.ts';

const DELETED_AT = '2026-04-22 00:00:00.000000';
const DELETED_BY = { type: 'accesskey', id: 'key-1' } as const;
const deleted = sampleRecord({ deletedAt: DELETED_AT, updatedAt: DELETED_AT, deletedBy: DELETED_BY });
const unconfirmed = sampleUnconfirmed();
const deletedUnconfirmed = sampleUnconfirmed({
  deletedAt: DELETED_AT,
  updatedAt: DELETED_AT,
  deletedBy: DELETED_BY,
});
const SETTLED_AT = '2026-04-22 00:05:00.000000';

function created(record: ProviderCallRecord) {
  return {
    detail_type: 'providercall_created',
    detail: {
      ...presentProviderCall(record),
      actor: { type: 'agent', id: IDS.agent },
      request_id: 'request-1',
    },
  };
}

/** Changes of an item, each with its event; undefined if it has none. */
export const changes: [string, StoredProviderCall | undefined, StoredProviderCall, object | undefined][] = [
  ['a record written at once', undefined, sampleRecord(), created(sampleRecord())],
  ['an intent that becomes a record', sampleIntent(), sampleRecord(), created(sampleRecord())],
  ['an unconfirmed one that becomes a record', unconfirmed, sampleRecord(), created(sampleRecord())],
  [
    'a record that is deleted',
    sampleRecord(),
    deleted,
    {
      detail_type: 'providercall_deleted',
      detail: { ...presentProviderCall(deleted), actor: DELETED_BY, request_id: 'request-1' },
    },
  ],
  [
    'an unconfirmed one that was deleted and becomes a record',
    deletedUnconfirmed,
    { ...deleted, updatedAt: SETTLED_AT },
    created({ ...deleted, updatedAt: SETTLED_AT }),
  ],
  ['an unconfirmed one that is deleted', unconfirmed, deletedUnconfirmed, undefined],
  ['a new intent', undefined, sampleIntent(), undefined],
  ['an intent that notes its flow', sampleIntent(), sampleIntent(), undefined],
  ['an intent whose calls are not known', sampleIntent(), unconfirmed, undefined],
  ['a record that is written again', sampleRecord(), sampleRecord({ updatedAt: DELETED_AT }), undefined],
  ['a deleted record that is written again', deleted, deleted, undefined],
];
