import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { openApiDocument } from '../../contract/openapi-document.ts';
import { errorResponse } from '../../functions/http/error-response.ts';
import { MAX_BODY_BYTES } from '../../functions/http/json-body.ts';
import { PlatformError, type Reason, STATUS_OF_REASON } from '../../functions/platform-error.ts';
import {
  createRequestSchema,
  idempotencyKeySchema,
  MAX_ACTIONS,
  MAX_DESTINATIONS,
} from '../../functions/provider-calls/create-request.ts';
import { MAX_PAGE_SIZE } from '../../functions/provider-calls/list-provider-calls.ts';
import { presentProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { createResponseCheck } from './response-check.ts';

const document = openApiDocument();
const ajv = new Ajv2020({ strict: false, formats: { uuid: true } });
ajv.addSchema(document, 'api');
function accepts(pointer: string, value: unknown) {
  return ajv.validate({ $ref: `api#${pointer}` }, value);
}

const PROVIDER = '4dbeabd6-f397-4375-95d2-a38411e07ed1';
const TEL = { type: 'tel', target: '+821012345678' };
const MINIMAL = { provider_id: PROVIDER, destinations: [TEL] };

describe('the request body', () => {
  test.each<[what: string, body: unknown, good: boolean]>([
    ['the least', MINIMAL, true],
    ['a source of null', { ...MINIMAL, source: null }, true],
    [
      'each kind of destination',
      {
        ...MINIMAL,
        destinations: ['tel', 'sip', 'agent', 'extension'].map((type) => ({ type, target: '1001' })),
      },
      true,
    ],
    ['every value of anonymous', { ...MINIMAL, anonymous: '' }, true],
    [
      'an action with any JSON as option',
      { ...MINIMAL, actions: [{ type: 'talk', option: { deep: [{ a: null }] } }] },
      true,
    ],
    ['as many destinations as may be', { ...MINIMAL, destinations: Array(MAX_DESTINATIONS).fill(TEL) }, true],
    ['as many actions as may be', { ...MINIMAL, actions: Array(MAX_ACTIONS).fill({ type: 'answer' }) }, true],
    ['no provider', { destinations: [TEL] }, false],
    ['the nil UUID as provider', { ...MINIMAL, provider_id: '00000000-0000-0000-0000-000000000000' }, false],
    ['a provider that is not a UUID', { ...MINIMAL, provider_id: 'carrier' }, false],
    ['no destinations', { provider_id: PROVIDER }, false],
    ['an empty list of destinations', { ...MINIMAL, destinations: [] }, false],
    ['a destination too many', { ...MINIMAL, destinations: Array(MAX_DESTINATIONS + 1).fill(TEL) }, false],
    ['an action too many', { ...MINIMAL, actions: Array(MAX_ACTIONS + 1).fill({ type: 'answer' }) }, false],
    ['an action without a type', { ...MINIMAL, actions: [{ option: {} }] }, false],
    [
      'a type of address that cannot be dialled',
      { ...MINIMAL, destinations: [{ type: 'email', target: 'x' }] },
      false,
    ],
    [
      'a line break in a target',
      { ...MINIMAL, destinations: [{ type: 'tel', target: '+1\r\nX: y' }] },
      false,
    ],
    ['an unknown field', { ...MINIMAL, metadata: {} }, false],
    ['an unknown field in an address', { ...MINIMAL, destinations: [{ ...TEL, name: 'x' }] }, false],
    ['another word for anonymous', { ...MINIMAL, anonymous: 'true' }, false],
  ])('%s: document and code agree', (_, body, good) => {
    expect(accepts('/components/schemas/CreateProviderCall', body)).toBe(good);
    expect(z.safeParse(createRequestSchema, body).success).toBe(good);
  });

  test('the defaults are those that the code fills in', () => {
    const { flow_id, actions, source, anonymous } = createRequestSchema.parse(MINIMAL);
    const filled: Record<string, unknown> = { flow_id, actions, source, anonymous };
    const properties = document.components.schemas['CreateProviderCall']?.properties ?? {};
    const defaults = Object.entries(properties).flatMap(([name, property]) =>
      typeof property === 'object' && 'default' in property ? [[name, property.default]] : [],
    );
    expect(Object.fromEntries(defaults)).toEqual(filled);
  });
});

test('the limits are documented', () => {
  const description = document.paths['/providercalls']?.['post']?.description;
  expect(description).toContain(`${MAX_DESTINATIONS} destinations`);
  expect(description).toContain(`${MAX_ACTIONS} actions`);
  expect(description).toContain(`${MAX_BODY_BYTES / 1024} KiB`);
  expect(document.components.parameters.PageSize.description).toContain(`1 to ${MAX_PAGE_SIZE}`);
});

test.each(['k', 'k'.repeat(255), '!~', '', 'k'.repeat(256), 'a b', 'ä', 'a\n'])(
  'an Idempotency-Key of %j is acceptable to both or to neither',
  (key) => {
    expect(accepts('/paths/~1providercalls/post/parameters/1/schema', key)).toBe(
      z.safeParse(idempotencyKeySchema, key).success,
    );
  },
);

test("the record has the presenter's fields in the presenter's order", () => {
  const record = presentProviderCall({
    id: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
    customerId: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
    providerId: PROVIDER,
    flowId: '00000000-0000-0000-0000-000000000000',
    source: null,
    destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
    anonymous: 'auto',
    callIds: [],
    groupcallIds: [],
    createdAt: '2026-04-21 23:15:00.000000',
    updatedAt: '2026-04-21 23:15:00.000000',
    deletedAt: null,
    state: 'placed',
  });
  const schema = document.components.schemas['ProviderCall'];
  expect(Object.keys(schema?.properties ?? {})).toEqual(Object.keys(record));
  expect(schema?.required).toEqual(Object.keys(record));
  expect(accepts('/components/schemas/ProviderCall', record)).toBe(true);
});

function isReason(text: string): text is Reason {
  return text in STATUS_OF_REASON;
}

describe('errors', () => {
  const check = createResponseCheck(document);

  test.each(Object.keys(STATUS_OF_REASON).filter(isReason))(
    'the error %s is a response that the document has',
    (reason) => {
      const error = new PlatformError(reason, 'What to do.', {
        ...((reason === 'RATE_LIMIT_EXCEEDED' || reason === 'REQUEST_IN_PROGRESS') && {
          retryAfterSeconds: 5,
        }),
        details: [{ field: 'destinations[0].target', message: 'must not be empty' }],
      });
      const { statusCode, headers, body } = errorResponse(error, 'a-request-id');
      const sent = new Map<string, string>([
        ['X-Request-Id', 'a-request-id'],
        ['Content-Type', 'application/json'],
        ...Object.entries(headers),
      ]);
      // An unknown path responds only 404; the create has every error but that.
      const [method, path] =
        statusCode === 404 ? ['GET', `/v1.0/providercalls/${PROVIDER}`] : ['POST', '/v1/providercalls'];
      expect(
        check({ method, path, status: statusCode, header: (name) => sent.get(name) ?? null, body }),
      ).toEqual([]);
    },
  );

  test.each<[what: string, status: number, change: object]>([
    ['a reason that is not of its HTTP status', 400, { reason: 'INTERNAL' }],
    ['a status that is not of its HTTP status', 400, { status: 'INTERNAL' }],
    ['an HTTP status that the operation does not have', 418, {}],
    ['a member that the envelope does not have', 400, { stack: 'at …' }],
    ['an empty list of details', 400, { details: [] }],
    ['no request id', 400, { request_id: undefined }],
  ])('an error response with %s is reported', (_, status, change) => {
    const error = {
      status: 'INVALID_ARGUMENT',
      reason: 'INVALID_ID',
      message: 'No.',
      request_id: 'r',
      ...change,
    };
    const sent = new Map([
      ['X-Request-Id', 'r'],
      ['Content-Type', 'application/json'],
    ]);
    const response = { method: 'GET', path: '/v1/providercalls/x', status, body: JSON.stringify({ error }) };
    expect(check({ ...response, header: (name) => sent.get(name) ?? null })).not.toEqual([]);
  });

  test('a missing X-Request-Id is reported', () => {
    const body = JSON.stringify({ result: [], next_page_token: '' });
    const header = (name: string) => (name === 'Content-Type' ? 'application/json' : null);
    expect(check({ method: 'GET', path: '/v1/providercalls', status: 200, header, body })).toEqual([
      'X-Request-Id is missing',
    ]);
  });
});
