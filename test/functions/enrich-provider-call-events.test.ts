import './stage.ts';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { handler } from '../../functions/enrich-provider-call-events.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { RESTORED_AT, toItem } from '../../functions/provider-calls/provider-call-item.ts';
import { lambdaContext } from './api-under-test.ts';
import { changes } from './events/sample-changes.ts';
import { captureOutput, parseLine } from './log-lines.ts';
import { sampleRecord } from './provider-calls/sample-record.ts';

function enrich(records: unknown) {
  return handler(records, lambdaContext(10_000));
}

test('changes from DynamoDB’s stream become events in their order, and no log line', async () => {
  const output = captureOutput();
  const image = (stored: StoredProviderCall) =>
    marshall({ ...toItem(stored), list_customer: stored.customerId });
  const records = changes.map(([, before, after]) => ({
    eventName: before === undefined ? 'INSERT' : 'MODIFY',
    dynamodb: { ...(before !== undefined && { OldImage: image(before) }), NewImage: image(after) },
  }));
  expect(await enrich(records)).toEqual(
    changes.map(([, , , event]) => event).filter((event) => event !== undefined),
  );
  expect(output).toEqual([]);
});

test('a record that is restored from a backup is not an event', async () => {
  captureOutput();
  const item = { ...toItem(sampleRecord()), [RESTORED_AT]: '2026-04-23 00:00:00.000000' };
  expect(await enrich([{ eventName: 'INSERT', dynamodb: { NewImage: marshall(item) } }])).toEqual([]);
});

test.each([
  ['no image', [{ eventName: 'REMOVE', dynamodb: {} }]],
  ['an image of another shape', [{ dynamodb: { NewImage: { id: { S: 'x' } } } }]],
  ['a type that items do not have', [{ dynamodb: { NewImage: { id: { B: 'eA==' } } } }]],
])('%s is an error that is logged once and fails the batch', async (_what, records) => {
  const output = captureOutput();
  await expect(enrich(records)).rejects.toThrow();
  expect(output.map(parseLine)).toMatchObject([
    { level: 'error', request_id: 'invocation-1', Function: 'enrich' },
  ]);
});
