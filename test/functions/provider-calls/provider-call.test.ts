import { expect, test } from 'vitest';
import { presentProviderCall, recordResponse } from '../../../functions/provider-calls/provider-call.ts';
import { CREATED_AT, IDS, sampleIntent, sampleRecord, sampleUnconfirmed } from './sample-record.ts';

test('the record has the specification’s fields in the specification’s order', () => {
  expect(JSON.stringify(presentProviderCall(sampleRecord()))).toBe(
    JSON.stringify({
      id: IDS.record,
      customer_id: IDS.customer,
      provider_id: IDS.provider,
      flow_id: '00000000-0000-0000-0000-000000000000',
      source: { type: 'tel', target: '+14155551234', target_name: '' },
      destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
      anonymous: 'auto',
      call_ids: [IDS.call],
      groupcall_ids: [],
      tm_create: CREATED_AT,
      tm_update: CREATED_AT,
      tm_delete: null,
    }),
  );
});

test('an intent cannot be presented: it does not compile', () => {
  // @ts-expect-error no client ever sees an intent
  expect(() => presentProviderCall(sampleIntent())).not.toThrow();
});

test('the headers of a record name its state, who created and deleted it, and the request that created it', () => {
  const record = sampleRecord();
  const headers = {
    'X-ProviderCall-State': 'placed',
    'X-ProviderCall-Created-By': `${record.createdBy.type}:${record.createdBy.id}`,
    'X-ProviderCall-Request-Id': record.requestId,
  };
  expect(recordResponse(record)).toEqual({ body: presentProviderCall(record), headers });
  expect(recordResponse(sampleUnconfirmed()).headers).toMatchObject({
    'X-ProviderCall-State': 'unconfirmed',
  });
  const candidates = [IDS.call, IDS.groupcall];
  expect(recordResponse(sampleUnconfirmed({ candidates })).headers).toMatchObject({
    'X-ProviderCall-Candidates': `${IDS.call}, ${IDS.groupcall}`,
  });
  expect(recordResponse(sampleUnconfirmed()).headers).not.toHaveProperty('X-ProviderCall-Candidates');
  const deleted = sampleRecord({ deletedAt: CREATED_AT, deletedBy: { type: 'accesskey', id: IDS.call } });
  expect(recordResponse(deleted).headers).toEqual({
    ...headers,
    'X-ProviderCall-Deleted-By': `accesskey:${IDS.call}`,
  });
});
