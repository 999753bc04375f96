import { EVENT_SOURCE, type ProviderCallEvent } from '../functions/events/provider-call-event.ts';
import { addressSchema, anonymousSchema } from '../functions/provider-calls/create-request.ts';
import { providerCallExample } from './examples.ts';
import { describeProperties, jsonSchemasOf } from './json-schemas.ts';
import { actorSchema, eventDetailSchema } from './response-schemas.ts';
import { recordDescriptions } from './schemas.ts';

const meanings = {
  providercall_created:
    'Calls were placed, and these are their ids. An unconfirmed record is told of once it is settled.',
  providercall_deleted: 'The record was taken out of the lists. Its calls go on.',
} satisfies Record<ProviderCallEvent['detail_type'], string>;

const detailDescriptions = {
  ...recordDescriptions,
  actor: 'Who placed the calls, or deleted the record.',
  request_id: 'The id of the request that placed the calls.',
};

const { Detail = {}, ...parts } = jsonSchemasOf(
  { Detail: eventDetailSchema, Address: addressSchema, Anonymous: anonymousSchema, Actor: actorSchema },
  'output',
  (name) => `#/$defs/${name}`,
);

const exampleOf = (detailType: string) => ({
  source: EVENT_SOURCE,
  'detail-type': detailType,
  detail: {
    ...providerCallExample,
    ...(detailType === 'providercall_deleted' && {
      tm_update: '2026-04-22 00:00:00.000000',
      tm_delete: '2026-04-22 00:00:00.000000',
    }),
    actor: { type: 'agent', id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1' },
    request_id: '5f0c2f53-1d4b-4a57-9a53-7f0f3f1f2c11',
  },
});

/**
 * JSON Schema of the events on the bus, as EventBridge hands them to a rule's target; what EventBridge adds of its own
 * (`id`, `time`, …) is let through.
 */
export const eventSchema = () => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'ProviderCall events',
  description: 'Each change of a record is told of once or more: go by `detail.id` and the detail type.',
  type: 'object',
  required: ['source', 'detail-type', 'detail'],
  properties: {
    source: { const: EVENT_SOURCE },
    'detail-type': {
      oneOf: Object.entries(meanings).map(([name, meaning]) => ({ const: name, description: meaning })),
    },
    detail: { $ref: '#/$defs/Detail' },
  },
  $defs: { Detail: describeProperties(Detail, detailDescriptions), ...parts },
  examples: Object.keys(meanings).map(exampleOf),
});
