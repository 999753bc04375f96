import { REQUEST_ID } from '../functions/http/api-request.ts';
import { MAX_PAGE_SIZE } from '../functions/provider-calls/list-provider-calls.ts';
import { errorResponses } from './errors.ts';
import { paths } from './operations.ts';
import { VERSION_PREFIXES } from './routes.ts';
import { componentSchemas } from './schemas.ts';

const DESCRIPTION = `
Places outbound calls through one chosen SIP provider and keeps an audit record of each request.

Only credentials with PermissionProjectSuperAdmin are accepted: as \`Authorization: Bearer\`, as \`?token=\` or as
\`?accesskey=\`, exactly one of them.

\`/v1\` and \`/v1.0\` are the same API. Every error has the same envelope, whose \`request_id\` is also the header
\`X-Request-Id\` and in the logs. Timestamps are UTC, \`YYYY-MM-DD HH:MM:SS.ffffff\`.

The operations tagged Platform belong to the platform around this API. Locally and in the sandbox
a stand-in serves them here; where the API is deployed next to a real platform, they are at that platform's address.
`.trim();

const VERSION = {
  default: VERSION_PREFIXES[0],
  enum: VERSION_PREFIXES,
  description: 'Two names of the same API.',
};

/** The author of an action, as named in a header. */
const ACTOR = { type: 'string', pattern: '^(agent|accesskey):[0-9a-f-]{36}$' };

/** Returns the OpenAPI document (3.1), generated from the schemas and the error table that the functions use. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'ProviderCall API',
      version: '1.0.0',
      summary: 'Audited outbound calls through one chosen SIP provider',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'https://{host}/{version}',
        description: 'A deployment',
        variables: {
          host: {
            default: 'api.voipbin.net',
            description: 'Host and base path, such as ID.execute-api.REGION.amazonaws.com/STAGE.',
          },
          version: VERSION,
        },
      },
      {
        url: 'http://127.0.0.1:{port}/{version}',
        description: 'One machine',
        variables: { port: { default: '3000', description: 'PORT of the start command.' }, version: VERSION },
      },
    ],
    tags: [
      { name: 'ProviderCalls', description: 'Calls through one provider, and their records.' },
      { name: 'Platform', description: "The platform's providers, flows, calls, groupcalls and timelines." },
    ],
    security: [{ bearer: [] }, { token: [] }, { accesskey: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of the platform.',
        },
        token: { type: 'apiKey', in: 'query', name: 'token', description: 'The same token as a parameter.' },
        accesskey: {
          type: 'apiKey',
          in: 'query',
          name: 'accesskey',
          description: 'An access key, which begins with `vb_`.',
        },
      },
      parameters: {
        RequestId: {
          name: 'X-Request-Id',
          in: 'header',
          description: 'Identifies the request in responses and logs. An id of any other form is replaced.',
          schema: { type: 'string', pattern: REQUEST_ID.source },
        },
        Id: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
        PageSize: {
          name: 'page_size',
          in: 'query',
          description: `Records per page, 1 to ${MAX_PAGE_SIZE}. A number outside that range counts as ${MAX_PAGE_SIZE}.`,
          schema: { type: 'integer', default: MAX_PAGE_SIZE },
        },
        PageToken: {
          name: 'page_token',
          in: 'query',
          description: 'The `next_page_token` of the previous page. A timestamp means: older than that.',
          schema: { type: 'string' },
          example: '2026-04-21 23:15:00.000000',
        },
      },
      headers: {
        'X-Request-Id': {
          required: true,
          description: "The request's id: the client's own, if it sent one.",
          schema: { type: 'string', pattern: REQUEST_ID.source },
        },
        'X-ProviderCall-State': {
          description:
            'Whether the calls were placed. `unconfirmed` means that this is not known yet, and the record has no call ids.',
          schema: { type: 'string', enum: ['placed', 'unconfirmed'] },
        },
        'X-ProviderCall-Created-By': {
          description: 'Who placed the calls.',
          schema: ACTOR,
          example: 'agent:1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
        },
        'X-ProviderCall-Deleted-By': {
          description: 'Who deleted the record; absent if nobody did.',
          schema: ACTOR,
          example: 'accesskey:a0000000-0000-4000-8000-000000000001',
        },
        'X-ProviderCall-Request-Id': {
          description: 'The id of the request that placed the calls.',
          schema: { type: 'string', pattern: REQUEST_ID.source },
        },
        'X-ProviderCall-Candidates': {
          description:
            'Ids of calls and groupcalls that may or may not be those of an unconfirmed record, separated by commas: several sets of them match, and an operator has to decide. Absent if there are none.',
          schema: { type: 'string' },
          example: '9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345, 9f8e7d6c-5b4a-3c2d-1e0f-abcdef012346',
        },
        'X-ProviderCall-Unconfirmed': {
          description:
            'Ids of the unconfirmed records in this page, separated by commas; absent if there are none.',
          schema: { type: 'string' },
          example: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
        },
        'WWW-Authenticate': {
          description: 'The scheme of the credential.',
          schema: { type: 'string', const: 'Bearer' },
        },
        'Idempotent-Replayed': {
          description: 'Present when the record is that of an earlier request with the same Idempotency-Key.',
          schema: { type: 'string', enum: ['true'] },
        },
        'Retry-After': {
          description: 'Seconds after which the same request may succeed.',
          schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
        },
      },
      responses: errorResponses,
      schemas: componentSchemas,
    },
  };
}
