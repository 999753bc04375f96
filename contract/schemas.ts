import { createProviderSchema, updateProviderSchema } from '@provider-call/platform/providers';
import { callSchema } from '@provider-call/platform/records/call';
import { flowSchema } from '@provider-call/platform/records/flow';
import { groupcallSchema } from '@provider-call/platform/records/groupcall';
import { providerSchema } from '@provider-call/platform/records/provider';
import { sipAnalysisSchema, timelineEventSchema } from '@provider-call/platform/records/timeline';
import * as z from 'zod/mini';
import {
  actionSchema,
  addressSchema,
  anonymousSchema,
  createRequestSchema,
} from '../functions/provider-calls/create-request.ts';
import { errorSchemas } from './errors.ts';
import { describeProperties, type JsonSchema, jsonSchemasOf } from './json-schemas.ts';
import { errorDetailSchema, pageSchemaOf, providerCallSchema } from './response-schemas.ts';

const ADDRESS_DESCRIPTIONS = {
  type: '`tel` and `sip` become a Call each, `agent` and `extension` a Groupcall each.',
  target: 'A telephone number, SIP user@host, agent id or extension. Carried verbatim.',
  target_name: 'A display name.',
} satisfies Record<keyof z.infer<typeof addressSchema>, string>;

/** What the fields of the record mean. The events carry the same record. */
export const RECORD_DESCRIPTIONS = {
  id: 'The id of the ProviderCall.',
  customer_id: 'The customer of whoever placed it.',
  provider_id: 'The provider that its calls were forced through.',
  flow_id: 'The flow that runs after the call is answered; the nil UUID when none was named.',
  source: 'The caller id as sent; null if it was omitted.',
  destinations: 'The dial targets as sent.',
  anonymous: 'As sent; "auto" if it was omitted.',
  call_ids: 'Calls that were placed. Their state is returned by `GET /calls/{id}`, not here.',
  groupcall_ids: 'Groupcalls that were placed, for destinations that ring a group.',
  tm_create: 'When it was created, UTC.',
  tm_update: 'When it was last changed, UTC.',
  tm_delete: 'When it was deleted, UTC; null if it was not.',
} satisfies Record<keyof z.infer<typeof providerCallSchema>, string>;

const CREATE_DESCRIPTIONS = {
  provider_id: 'The provider to force the calls through. It must exist and not be deleted.',
  flow_id: 'The flow to run after the call is answered. Unless it is the nil UUID, `actions` are ignored.',
  actions: 'Steps to run after the call is answered, for which a temporary flow is created.',
  source:
    'The caller id, sent to the provider verbatim. With `anonymous` "yes" and a `tel` destination its target must start with "+".',
  destinations: 'Whom to call: each becomes one Call or Groupcall.',
  anonymous:
    '"yes" hides the caller id (RFC 3323) and carries the number for the provider only (RFC 3325). "no" sends it, as do "auto" and "" today.',
} satisfies Record<keyof z.infer<typeof createRequestSchema>, string>;

const ACTION_DESCRIPTIONS = {
  id: 'Name of the step, for the `next_id` of other steps.',
  next_id: 'The step that follows this one.',
  type: 'The kind of step, such as `answer`, `talk` or `hangup`.',
  option: 'What the step needs, which depends on `type`.',
} satisfies Record<keyof z.infer<typeof actionSchema>, string>;

const PAGE_DESCRIPTIONS = {
  result: 'The page, newest first.',
  next_page_token: 'The `page_token` of the next page; empty on the last one.',
};

const publicProviderSchema = z.omit(providerSchema, { auth_password: true });

const requests = jsonSchemasOf(
  {
    CreateProviderCall: createRequestSchema,
    AddressInput: addressSchema,
    Anonymous: anonymousSchema,
    Action: actionSchema,
    CreateProvider: createProviderSchema,
    UpdateProvider: updateProviderSchema,
  },
  'input',
);

const responses = jsonSchemasOf(
  {
    ProviderCall: providerCallSchema,
    ProviderCallPage: pageSchemaOf(providerCallSchema),
    Address: addressSchema,
    Anonymous: anonymousSchema,
    ErrorDetail: errorDetailSchema,
    ...errorSchemas,
  },
  'output',
);

const platform = jsonSchemasOf(
  {
    Provider: publicProviderSchema,
    ProviderPage: pageSchemaOf(publicProviderSchema),
    Flow: flowSchema,
    FlowPage: pageSchemaOf(flowSchema),
    Call: callSchema,
    Groupcall: groupcallSchema,
    CallPage: pageSchemaOf(callSchema),
    SipAnalysis: sipAnalysisSchema,
    TimelineEventPage: pageSchemaOf(timelineEventSchema),
  },
  'output',
);

/** The schemas of the document by name. */
export const componentSchemas: Record<string, JsonSchema> = {
  ...requests,
  ...responses,
  ...Object.fromEntries(Object.entries(platform).map(([name, schema]) => [name, open(schema)])),
  CreateProviderCall: described(requests, 'CreateProviderCall', CREATE_DESCRIPTIONS),
  AddressInput: described(requests, 'AddressInput', ADDRESS_DESCRIPTIONS),
  Action: described(requests, 'Action', ACTION_DESCRIPTIONS),
  ProviderCall: described(responses, 'ProviderCall', RECORD_DESCRIPTIONS),
  ProviderCallPage: described(responses, 'ProviderCallPage', PAGE_DESCRIPTIONS),
  Address: described(responses, 'Address', ADDRESS_DESCRIPTIONS),
};

/** Returns a named schema with descriptions at its properties. */
function described(
  schemas: Record<string, JsonSchema>,
  name: string,
  descriptions: Record<string, string>,
): JsonSchema {
  const schema = schemas[name];
  if (schema === undefined) throw new Error(`there is no schema ${name}`);
  return describeProperties(schema, descriptions);
}

/** Returns a schema that allows further fields: the platform's own records may have more than are known here. */
function open({ additionalProperties: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
