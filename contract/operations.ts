import { MAX_BODY_BYTES, MAX_BODY_DEPTH } from '../functions/http/json-body.ts';
import {
  idempotencyKeySchema,
  MAX_ACTIONS,
  MAX_DESTINATIONS,
} from '../functions/provider-calls/create-request.ts';
import { type ErrorHttpStatus, errorsOf } from './errors.ts';
import {
  CALL_EXAMPLE,
  CREATE_EXAMPLES,
  DELETED_PROVIDER_CALL_EXAMPLE,
  PROVIDER_CALL_EXAMPLE,
  PROVIDER_CALL_LIST_EXAMPLE,
  SIP_ANALYSIS_EXAMPLE,
} from './examples.ts';
import { jsonSchemasOf, schemaReference } from './json-schemas.ts';
import {
  type OperationId,
  type PlatformOperationId,
  type ProviderCallOperationId,
  ROUTES,
} from './routes.ts';

/** What the document says about a route, besides its name and tag. */
type OperationBody = {
  summary: string;
  description?: string;
  parameters: object[];
  requestBody?: object;
  responses: Record<string, object>;
};

/** One operation of the document. */
export type OpenApiOperation = OperationBody & { operationId: string; tags: string[] };

type HeaderName =
  | 'X-Request-Id'
  | 'X-ProviderCall-State'
  | 'X-ProviderCall-Created-By'
  | 'X-ProviderCall-Deleted-By'
  | 'X-ProviderCall-Request-Id'
  | 'X-ProviderCall-Candidates'
  | 'X-ProviderCall-Unconfirmed'
  | 'Idempotent-Replayed'
  | 'Retry-After';

/** Headers of every response that carries one record. */
const RECORD_HEADERS = [
  'X-ProviderCall-State',
  'X-ProviderCall-Created-By',
  'X-ProviderCall-Deleted-By',
  'X-ProviderCall-Request-Id',
  'X-ProviderCall-Candidates',
] satisfies HeaderName[];

type Success = {
  description: string;
  schema: string;
  headers?: HeaderName[];
  examples?: Record<string, unknown>;
};

/** The error responses that any operation can have. */
const COMMON_ERRORS: ErrorHttpStatus[] = [400, 401, 403, 429, 500, 503];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes it safe for this customer to send the request again: the same key with the same body returns the stored record and places no second call. Without a key, every request is a new one.',
  schema: { ...jsonSchemasOf({ key: idempotencyKeySchema }, 'input')['key'], minLength: 1, maxLength: 255 },
  example: 'onboarding-4dbeabd6-1',
};

const PROVIDER_CALL_OPERATIONS: Record<ProviderCallOperationId, OperationBody> = {
  createProviderCall: {
    summary: 'Place calls through one provider',
    description: [
      'Places real, billable calls, one for each destination, through exactly the named provider, and returns their record. Each Call reports its own state.',
      '',
      `At most ${MAX_DESTINATIONS} destinations, ${MAX_ACTIONS} actions, ${MAX_BODY_BYTES / 1024} KiB of body and ${MAX_BODY_DEPTH} levels of nesting. Targets must not contain control, bidirectional or zero-width characters, and those of type \`tel\` must be telephone numbers (RFC 3966). Fields that are not listed are rejected.`,
      '',
      'Accepted input is forwarded verbatim. A body is therefore rejected if it is not UTF-8 or contains U+FFFD, a duplicate key at any depth, the key `__proto__`, or a number that a double cannot hold, such as 9007199254740993 or 1e999. This includes the options of actions.',
      '',
      'After `CALL_OUTCOME_UNKNOWN` the calls may have been placed: do not send the request as a new one. The same request with the same `Idempotency-Key` is safe.',
    ].join('\n'),
    parameters: [parameter('RequestId'), IDEMPOTENCY_KEY],
    requestBody: body('CreateProviderCall', CREATE_EXAMPLES),
    responses: {
      ...success({
        description:
          'The record of the calls that were placed, by this request or by the first one with its key.',
        schema: 'ProviderCall',
        headers: [...RECORD_HEADERS, 'Idempotent-Replayed'],
        examples: { placed: PROVIDER_CALL_EXAMPLE },
      }),
      ...errorsOf(...COMMON_ERRORS, 402, 409, 413),
    },
  },
  listProviderCalls: {
    summary: 'List records',
    description:
      "The customer's records that are not deleted, newest first. Query parameters that are not listed are rejected.",
    parameters: [
      parameter('RequestId'),
      parameter('PageSize'),
      parameter('PageToken'),
      {
        name: 'provider_id',
        in: 'query',
        description: 'Only records of calls through this provider.',
        schema: { type: 'string', format: 'uuid' },
      },
    ],
    responses: {
      ...success({
        description: 'A page of records. `X-ProviderCall-Unconfirmed` names those that are unconfirmed.',
        schema: 'ProviderCallPage',
        headers: ['X-ProviderCall-Unconfirmed'],
        examples: { 'one record': PROVIDER_CALL_LIST_EXAMPLE },
      }),
      ...errorsOf(...COMMON_ERRORS),
    },
  },
  getProviderCall: {
    summary: 'Get a record',
    description: 'A record of the customer, deleted or not.',
    parameters: [parameter('RequestId'), parameter('Id')],
    responses: {
      ...success({
        description: 'The record.',
        schema: 'ProviderCall',
        headers: RECORD_HEADERS,
        examples: { placed: PROVIDER_CALL_EXAMPLE },
      }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  deleteProviderCall: {
    summary: 'Delete a record',
    description:
      'Removes the record from the lists; it can still be read by its id, and its calls continue. A second request changes nothing and returns the same record. `POST /calls/{id}/hangup` ends a call.',
    parameters: [parameter('RequestId'), parameter('Id')],
    responses: {
      ...success({
        description: 'The record with the time of its deletion.',
        schema: 'ProviderCall',
        headers: RECORD_HEADERS,
        examples: { deleted: DELETED_PROVIDER_CALL_EXAMPLE },
      }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
};

const PAGE_PARAMETERS = [parameter('RequestId'), parameter('PageSize'), parameter('PageToken')];
const ID_PARAMETERS = [parameter('RequestId'), parameter('Id')];

const PLATFORM_OPERATIONS: Record<PlatformOperationId, OperationBody> = {
  listProviders: {
    summary: 'List providers',
    description: 'Providers that are not deleted, newest first.',
    parameters: PAGE_PARAMETERS,
    responses: {
      ...success({ description: 'A page of providers.', schema: 'ProviderPage' }),
      ...errorsOf(...COMMON_ERRORS),
    },
  },
  createProvider: {
    summary: 'Create a provider',
    parameters: [parameter('RequestId')],
    requestBody: body('CreateProvider', {
      'a carrier': { hostname: 'sip.carrier.example.com', tech_prefix: '00', codecs: 'PCMU,PCMA' },
    }),
    responses: {
      ...success({ description: 'The provider.', schema: 'Provider' }),
      ...errorsOf(...COMMON_ERRORS, 413),
    },
  },
  getProvider: {
    summary: 'Get a provider',
    description: 'A provider, deleted or not. `health_status` reflects the last response of its SIP server.',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The provider.', schema: 'Provider' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  updateProvider: {
    summary: 'Change a provider',
    description: 'Omitted fields keep their values.',
    parameters: ID_PARAMETERS,
    requestBody: body('UpdateProvider', { 'another prefix': { tech_prefix: '011' } }),
    responses: {
      ...success({ description: 'The changed provider.', schema: 'Provider' }),
      ...errorsOf(...COMMON_ERRORS, 404, 413),
    },
  },
  deleteProvider: {
    summary: 'Delete a provider',
    description: 'No more calls are placed through it.',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The provider with the time of its deletion.', schema: 'Provider' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  listFlows: {
    summary: 'List flows',
    parameters: PAGE_PARAMETERS,
    responses: {
      ...success({ description: "A page of the customer's flows, newest first.", schema: 'FlowPage' }),
      ...errorsOf(...COMMON_ERRORS),
    },
  },
  getFlow: {
    summary: 'Get a flow',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The flow.', schema: 'Flow' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  listCalls: {
    summary: 'List calls',
    parameters: PAGE_PARAMETERS,
    responses: {
      ...success({ description: "A page of the customer's calls, newest first.", schema: 'CallPage' }),
      ...errorsOf(...COMMON_ERRORS),
    },
  },
  getCall: {
    summary: 'Get a call',
    description: 'The current state of the call. Poll it to follow a ProviderCall.',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The call.', schema: 'Call', examples: { answered: CALL_EXAMPLE } }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  hangupCall: {
    summary: 'End a call',
    description: 'A call that has already ended is not changed.',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The call, which is ending.', schema: 'Call' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  getGroupcall: {
    summary: 'Get a groupcall',
    parameters: ID_PARAMETERS,
    responses: {
      ...success({ description: 'The current state of the groupcall.', schema: 'Groupcall' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  getSipAnalysis: {
    summary: 'Get the SIP messages of a call',
    description: [
      'The SIP messages of the call, oldest first, and its media counters. For a call in progress, these are the messages and counters so far.',
      '',
      'A failure that never reached the wire appears among the messages as a response from us to ourselves: 503 for a closed port, 408 for silence, 478 for a name without an address, 403 for a destination that SIP_ALLOW does not name. Its reason phrase and Warning header (399) state the cause.',
      '',
      'The first and last messages are always kept; a note says how many in between are omitted. Digest responses are blanked out. `notes`, `rtp_*_sent` and `rtp_*_received` are extensions of the stand-in. Counters that were not measured are absent.',
    ].join('\n'),
    parameters: ID_PARAMETERS,
    responses: {
      ...success({
        description: 'The capture.',
        schema: 'SipAnalysis',
        examples: { busy: SIP_ANALYSIS_EXAMPLE },
      }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  getPcap: {
    summary: 'Get a capture file of a call',
    description:
      'The same messages as a pcap file for tshark, Wireshark or sngrep. Each is one UDP datagram, even if it was sent over TCP or TLS.',
    parameters: ID_PARAMETERS,
    responses: {
      200: {
        description: 'The file.',
        headers: headersNamed('X-Request-Id'),
        content: { 'application/octet-stream': { schema: {} } },
      },
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
  listCallEvents: {
    summary: 'List the steps of a call',
    description: 'The events of the call, newest first, each with the call as in its webhooks.',
    parameters: [...ID_PARAMETERS, ...PAGE_PARAMETERS.slice(1)],
    responses: {
      ...success({ description: 'A page of events.', schema: 'TimelineEventPage' }),
      ...errorsOf(...COMMON_ERRORS, 404),
    },
  },
};

const OPERATIONS: Record<OperationId, OperationBody> = {
  ...PROVIDER_CALL_OPERATIONS,
  ...PLATFORM_OPERATIONS,
};

/** Returns the paths of the document, below a version prefix: one operation for each route. */
export function paths(): Record<string, Partial<Record<string, OpenApiOperation>>> {
  const byPath: Record<string, Record<string, OpenApiOperation>> = {};
  for (const { method, path, operationId, operation } of ROUTES) {
    byPath[path] = {
      ...byPath[path],
      [method.toLowerCase()]: {
        operationId,
        tags: [operation === 'platform' ? 'Platform' : 'ProviderCalls'],
        ...OPERATIONS[operationId],
      },
    };
  }
  return byPath;
}

function parameter(name: string): { $ref: string } {
  return { $ref: `#/components/parameters/${name}` };
}

function success({ description, schema, headers = [], examples = {} }: Success) {
  return {
    200: {
      description,
      headers: headersNamed('X-Request-Id', ...headers),
      content: jsonContent(schema, examples),
    },
  };
}

function body(schema: string, examples: Record<string, unknown> = {}) {
  return { required: true, content: jsonContent(schema, examples) };
}

function jsonContent(schema: string, examples: Record<string, unknown>) {
  const named = Object.entries(examples).map(([name, value]) => [name, { summary: name, value }]);
  return {
    'application/json': {
      schema: schemaReference(schema),
      ...(named.length > 0 && { examples: Object.fromEntries(named) }),
    },
  };
}

function headersNamed(...names: HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
