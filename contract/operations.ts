import { MAX_BODY_BYTES, MAX_BODY_DEPTH } from '../functions/http/json-body.ts';
import {
  idempotencyKeySchema,
  MAX_ACTIONS,
  MAX_DESTINATIONS,
} from '../functions/provider-calls/create-request.ts';
import { type ErrorHttpStatus, errorsOf } from './errors.ts';
import {
  callExample,
  createExamples,
  deletedProviderCallExample,
  providerCallExample,
  providerCallListExample,
  sipAnalysisExample,
} from './examples.ts';
import { jsonSchemasOf, schemaReference } from './json-schemas.ts';
import {
  type OperationId,
  type PlatformOperationId,
  type ProviderCallOperationId,
  ROUTES,
  type Route,
} from './routes.ts';

/** What the document says of one route, besides its name and tag. */
type OperationBody = {
  summary: string;
  description?: string;
  parameters: object[];
  requestBody?: object;
  responses: Record<string, object>;
};

export type OpenApiOperation = OperationBody & { operationId: string; tags: string[] };

type HeaderName = 'X-Request-Id' | 'X-ProviderCall-State' | 'Idempotent-Replayed' | 'Retry-After';

const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

const headersNamed = (...names: HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

type Success = {
  description: string;
  schema: string;
  headers?: HeaderName[];
  examples?: Record<string, unknown>;
};

const success = ({ description, schema, headers = [], examples }: Success) => ({
  200: {
    description,
    headers: headersNamed('X-Request-Id', ...headers),
    content: {
      'application/json': {
        schema: schemaReference(schema),
        ...(examples && {
          examples: Object.fromEntries(
            Object.entries(examples).map(([name, value]) => [name, { summary: name, value }]),
          ),
        }),
      },
    },
  },
});

const body = (schema: string, examples: Record<string, unknown> = {}) => ({
  required: true,
  content: {
    'application/json': {
      schema: schemaReference(schema),
      ...(Object.keys(examples).length > 0 && {
        examples: Object.fromEntries(
          Object.entries(examples).map(([name, value]) => [name, { summary: name, value }]),
        ),
      }),
    },
  },
});

/** What any operation can answer. */
const everywhere: ErrorHttpStatus[] = [400, 401, 403, 429, 500, 503];

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes it safe to send the request again, for this customer: the same key with the same body is answered with the stored record and places no second call. Without it every request is a new one.',
  schema: { ...jsonSchemasOf({ key: idempotencyKeySchema }, 'input')['key'], minLength: 1, maxLength: 255 },
  example: 'onboarding-4dbeabd6-1',
};

const kibibytes = MAX_BODY_BYTES / 1024;

const providerCallOperations: Record<ProviderCallOperationId, OperationBody> = {
  createProviderCall: {
    summary: 'Place calls through one provider',
    description: [
      'Places real, billable calls, one for each destination, through exactly the provider that is named, and answers the record of it. What becomes of the calls is told by each Call.',
      '',
      `At most ${MAX_DESTINATIONS} destinations, ${MAX_ACTIONS} actions, ${kibibytes} KiB of body and ${MAX_BODY_DEPTH} levels of nesting. Targets have no control characters. Fields that are not listed are refused.`,
      '',
      'After `CALL_OUTCOME_UNKNOWN` the calls may have been placed: do not send the request anew. The same request with the same `Idempotency-Key` is safe.',
    ].join('\n'),
    parameters: [parameter('RequestId'), idempotencyKey],
    requestBody: body('CreateProviderCall', createExamples),
    responses: {
      ...success({
        description:
          'The record of the calls that were placed, by this request or by the first one with its key.',
        schema: 'ProviderCall',
        headers: ['Idempotent-Replayed'],
        examples: { placed: providerCallExample },
      }),
      ...errorsOf(...everywhere, 402, 409, 413),
    },
  },
  listProviderCalls: {
    summary: 'List records',
    description: "The customer's records that are not deleted, newest first.",
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
        description:
          'A page of records. `X-ProviderCall-State` says that one of them or more are unconfirmed.',
        schema: 'ProviderCallPage',
        headers: ['X-ProviderCall-State'],
        examples: { 'one record': providerCallListExample },
      }),
      ...errorsOf(...everywhere),
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
        headers: ['X-ProviderCall-State'],
        examples: { placed: providerCallExample },
      }),
      ...errorsOf(...everywhere, 404),
    },
  },
  deleteProviderCall: {
    summary: 'Delete a record',
    description:
      'Takes the record out of the lists; it can still be read by its id, and its calls go on. A second time changes nothing and answers the same. `POST /calls/{id}/hangup` ends a call.',
    parameters: [parameter('RequestId'), parameter('Id')],
    responses: {
      ...success({
        description: 'The record with the time of its deletion.',
        schema: 'ProviderCall',
        headers: ['X-ProviderCall-State'],
        examples: { deleted: deletedProviderCallExample },
      }),
      ...errorsOf(...everywhere, 404),
    },
  },
};

const page = [parameter('RequestId'), parameter('PageSize'), parameter('PageToken')];
const one = [parameter('RequestId'), parameter('Id')];

const platformOperations: Record<PlatformOperationId, OperationBody> = {
  listProviders: {
    summary: 'List providers',
    description: 'Providers that are not deleted, newest first.',
    parameters: page,
    responses: {
      ...success({ description: 'A page of providers.', schema: 'ProviderPage' }),
      ...errorsOf(...everywhere),
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
      ...errorsOf(...everywhere, 413),
    },
  },
  getProvider: {
    summary: 'Get a provider',
    description: 'A provider, deleted or not. `health_status` is what its SIP server last answered.',
    parameters: one,
    responses: {
      ...success({ description: 'The provider.', schema: 'Provider' }),
      ...errorsOf(...everywhere, 404),
    },
  },
  updateProvider: {
    summary: 'Change a provider',
    description: 'What is left out stays as it is.',
    parameters: one,
    requestBody: body('UpdateProvider', { 'another prefix': { tech_prefix: '011' } }),
    responses: {
      ...success({ description: 'The changed provider.', schema: 'Provider' }),
      ...errorsOf(...everywhere, 404, 413),
    },
  },
  deleteProvider: {
    summary: 'Delete a provider',
    description: 'No call goes through it any more.',
    parameters: one,
    responses: {
      ...success({ description: 'The provider with the time of its deletion.', schema: 'Provider' }),
      ...errorsOf(...everywhere, 404),
    },
  },
  listFlows: {
    summary: 'List flows',
    parameters: page,
    responses: {
      ...success({ description: "A page of the customer's flows, newest first.", schema: 'FlowPage' }),
      ...errorsOf(...everywhere),
    },
  },
  getFlow: {
    summary: 'Get a flow',
    parameters: one,
    responses: {
      ...success({ description: 'The flow.', schema: 'Flow' }),
      ...errorsOf(...everywhere, 404),
    },
  },
  listCalls: {
    summary: 'List calls',
    parameters: page,
    responses: {
      ...success({ description: "A page of the customer's calls, newest first.", schema: 'CallPage' }),
      ...errorsOf(...everywhere),
    },
  },
  getCall: {
    summary: 'Get a call',
    description: 'The call as it is now: poll it to see what comes of a ProviderCall.',
    parameters: one,
    responses: {
      ...success({ description: 'The call.', schema: 'Call', examples: { answered: callExample } }),
      ...errorsOf(...everywhere, 404),
    },
  },
  hangupCall: {
    summary: 'End a call',
    description: 'A call that has ended stays as it is.',
    parameters: one,
    responses: {
      ...success({ description: 'The call, which is ending.', schema: 'Call' }),
      ...errorsOf(...everywhere, 404),
    },
  },
  getGroupcall: {
    summary: 'Get a groupcall',
    parameters: one,
    responses: {
      ...success({ description: 'The groupcall as it is now.', schema: 'Groupcall' }),
      ...errorsOf(...everywhere, 404),
    },
  },
  getSipAnalysis: {
    summary: 'Get what a call sent and received',
    description: [
      'The SIP messages of the call, oldest first, and the counters of its media. A call that is still going on returns what it has so far.',
      '',
      'What never reached the wire is among the messages as a response from us to us: 503 for a closed port, 408 for silence, 478 for a name without an address, 403 for a destination that SIP_ALLOW does not name. Its reason phrase and its Warning header (399) name the cause.',
      '',
      'The first and the last messages are always kept; a note says how many between them are omitted. Digest responses are blanked out. `notes`, `rtp_*_sent` and `rtp_*_received` are extensions of the stand-in. A counter that was not measured is absent.',
    ].join('\n'),
    parameters: one,
    responses: {
      ...success({
        description: 'What was captured.',
        schema: 'SipAnalysis',
        examples: { busy: sipAnalysisExample },
      }),
      ...errorsOf(...everywhere, 404),
    },
  },
  getPcap: {
    summary: 'Get a capture file of a call',
    description:
      'The same messages as a pcap file for tshark, Wireshark or sngrep. Each is one UDP datagram, also where it was sent over TCP or TLS.',
    parameters: one,
    responses: {
      200: {
        description: 'The file.',
        headers: headersNamed('X-Request-Id'),
        content: { 'application/octet-stream': { schema: {} } },
      },
      ...errorsOf(...everywhere, 404),
    },
  },
  listCallEvents: {
    summary: 'List the steps of a call',
    description: 'The events of the call, newest first, each with the call as its webhooks show it.',
    parameters: [...one, ...page.slice(1)],
    responses: {
      ...success({ description: 'A page of events.', schema: 'TimelineEventPage' }),
      ...errorsOf(...everywhere, 404),
    },
  },
};

const operations: Record<OperationId, OperationBody> = { ...providerCallOperations, ...platformOperations };

const tagOf = ({ operation }: Route): string => (operation === 'platform' ? 'Platform' : 'ProviderCalls');

/** The paths of the document, below a version prefix: one operation for each route. */
export const paths = (): Record<string, Partial<Record<string, OpenApiOperation>>> => {
  const byPath: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of ROUTES) {
    byPath[route.path] = {
      ...byPath[route.path],
      [route.method.toLowerCase()]: {
        operationId: route.operationId,
        tags: [tagOf(route)],
        ...operations[route.operationId],
      },
    };
  }
  return byPath;
};
