import { EVENT_SOURCE, type ProviderCallEvent } from '../functions/events/provider-call-event.ts';
import { addressSchema, anonymousSchema } from '../functions/provider-calls/create-request.ts';
import { PROVIDER_CALL_EXAMPLE } from './examples.ts';
import { describeProperties, jsonSchemasOf } from './json-schemas.ts';
import { actorSchema, eventDetailSchema } from './response-schemas.ts';
import { RECORD_DESCRIPTIONS } from './schemas.ts';

const MEANINGS = {
  providercall_created:
    'Calls were placed, and these are their ids. An unconfirmed record is published once it is settled; if it was deleted before that, `tm_delete` is set and no `providercall_deleted` follows.',
  providercall_deleted:
    'A record that was published as created was removed from the lists. Its calls continue.',
} satisfies Record<ProviderCallEvent['detail_type'], string>;

const DETAIL_DESCRIPTIONS = {
  ...RECORD_DESCRIPTIONS,
  actor: 'Who placed the calls, or deleted the record.',
  request_id: 'The id of the request that placed the calls.',
};

const { Detail = {}, ...parts } = jsonSchemasOf(
  { Detail: eventDetailSchema, Address: addressSchema, Anonymous: anonymousSchema, Actor: actorSchema },
  'output',
  (name) => `#/$defs/${name}`,
);

/**
 * Returns the JSON Schema of the events on the bus, as EventBridge delivers them to a rule's target; the fields that
 * EventBridge adds (`id`, `time`, …) are allowed.
 */
export function eventSchema() {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'ProviderCall events',
    description:
      'A record is published when its calls are known and when it is deleted after that. Events can be delivered repeatedly and in another order: of the events of one `detail.id`, the one with the latest `tm_update` is current, and one that is not later than what has been seen is to be ignored. A record that is restored from a backup is not published again.',
    type: 'object',
    required: ['source', 'detail-type', 'detail'],
    properties: {
      source: { const: EVENT_SOURCE },
      'detail-type': {
        oneOf: Object.entries(MEANINGS).map(([name, meaning]) => ({ const: name, description: meaning })),
      },
      detail: { $ref: '#/$defs/Detail' },
    },
    $defs: { Detail: describeProperties(Detail, DETAIL_DESCRIPTIONS), ...parts },
    examples: Object.keys(MEANINGS).map(exampleOf),
  };
}

function exampleOf(detailType: string) {
  return {
    source: EVENT_SOURCE,
    'detail-type': detailType,
    detail: {
      ...PROVIDER_CALL_EXAMPLE,
      ...(detailType === 'providercall_deleted' && {
        tm_update: '2026-04-22 00:00:00.000000',
        tm_delete: '2026-04-22 00:00:00.000000',
      }),
      actor: { type: 'agent', id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1' },
      request_id: '5f0c2f53-1d4b-4a57-9a53-7f0f3f1f2c11',
    },
  };
}
