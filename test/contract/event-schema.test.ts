import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { eventSchema } from '../../contract/event-schema.ts';
import { EVENT_SOURCE, eventOfChange } from '../../functions/events/provider-call-event.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';

const schema = eventSchema();
const validate = new Ajv2020({ strict: false, formats: { uuid: true } }).compile(schema);

const PLACED: StoredProviderCall = {
  id: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  customerId: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
  providerId: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  flowId: '00000000-0000-0000-0000-000000000000',
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
  anonymous: 'auto',
  callIds: ['9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345'],
  groupcallIds: [],
  createdAt: '2026-04-21 23:15:00.000000',
  updatedAt: '2026-04-21 23:15:00.000000',
  deletedAt: null,
  state: 'placed',
  attempt: 'a77e3970-0000-4000-8000-000000000001',
  createdBy: { type: 'agent', id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1' },
  deletedBy: null,
  requestId: 'a-request-id',
  idempotency: { keyHash: 'never-published', fingerprint: 'never-published' },
  temporaryFlow: null,
};
const DELETED: StoredProviderCall = {
  ...PLACED,
  updatedAt: '2026-04-22 00:00:00.000000',
  deletedAt: '2026-04-22 00:00:00.000000',
  deletedBy: { type: 'accesskey', id: 'acce5500-0000-4000-8000-000000000001' },
};

/** What a rule's target gets, but for what EventBridge adds. */
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
    'a detail with more than is public',
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
