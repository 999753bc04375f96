import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { eventSchema } from '../../contract/event-schema.ts';
import { EVENT_SOURCE, eventOfChange } from '../../functions/events/provider-call-event.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { sampleRecord } from '../functions/provider-calls/sample-record.ts';

const schema = eventSchema();
const validate = new Ajv2020({ strict: false, formats: { uuid: true } }).compile(schema);

const PLACED = sampleRecord({
  idempotency: { keyHash: 'never-published', fingerprint: 'never-published' },
});
const DELETED: StoredProviderCall = {
  ...PLACED,
  updatedAt: '2026-04-22 00:00:00.000000',
  deletedAt: '2026-04-22 00:00:00.000000',
  deletedBy: { type: 'accesskey', id: 'acce5500-0000-4000-8000-000000000001' },
};

/** Returns what a rule's target receives, without what EventBridge adds. */
function onTheBus(event: ReturnType<typeof eventOfChange>) {
  return event && { source: EVENT_SOURCE, 'detail-type': event.detail_type, detail: event.detail };
}

test.each([
  ['providercall_created', eventOfChange(undefined, PLACED)],
  ['providercall_deleted', eventOfChange(PLACED, DELETED)],
])('the event %s conforms to its schema', (name, event) => {
  const sent = onTheBus(event);
  expect(sent?.['detail-type']).toBe(name);
  expect(validate(sent), JSON.stringify(validate.errors)).toBe(true);
});

test.each([
  ['another detail type', { 'detail-type': 'providercall_updated' }],
  ['another source', { source: 'somebody-else' }],
  [
    'a detail with a field that is not public',
    { detail: { ...onTheBus(eventOfChange(undefined, PLACED))?.detail, fingerprint: 'x' } },
  ],
  [
    'a detail without its request id',
    { detail: { ...onTheBus(eventOfChange(undefined, PLACED))?.detail, request_id: undefined } },
  ],
])('an event with %s does not conform', (_, change) => {
  const sent = { ...onTheBus(eventOfChange(undefined, PLACED)), ...change };
  expect(validate(JSON.parse(JSON.stringify(sent)))).toBe(false);
});

test('the examples in the schema conform to it', () => {
  expect(schema.examples.map((example) => validate(example))).toEqual([true, true]);
});
