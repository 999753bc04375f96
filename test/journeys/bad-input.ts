import { SEED_IDS } from '@provider-call/platform/seed';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, MAX_BODY_DEPTH } from '../../functions/http/json-body.ts';
import { MAX_ACTIONS, MAX_DESTINATIONS } from '../../functions/provider-calls/create-request.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import type { Footprint, JourneySystem, RawRequest } from './journey-system.ts';

const TEL = { type: 'tel', target: '+821012345678' };
const ORDER = { provider_id: SEED_IDS.providers.answers, destinations: [TEL] };
const ID = 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';

type Rejection = {
  status: number;
  reason: string;
  /** The fields named in `details`; none if no field is at fault. */
  fields?: string[];
};
const NOT_JSON: Rejection = { status: 400, reason: 'INVALID_JSON_BODY' };

/** Bodies of a create that are rejected, and why. */
const bodies: [what: string, body: unknown, rejection: Rejection][] = [
  ['a list', [ORDER], invalid('body')],
  ['a string', 'order', invalid('body')],
  ['null', null, invalid('body')],
  ['an empty object', {}, invalid('provider_id', 'destinations')],
  ['an unknown field', { ...ORDER, anonymus: 'yes' }, invalid('anonymus')],
  ['metadata', { ...ORDER, metadata: { route_provider_ids: [] } }, invalid('metadata')],
  ['a customer_id', { ...ORDER, customer_id: ID }, invalid('customer_id')],
  [
    'an unknown field of a destination',
    { ...ORDER, destinations: [{ ...TEL, name: 'x' }] },
    invalid('destinations[0].name'),
  ],
  ['a provider_id that is a number', { ...ORDER, provider_id: 7 }, invalid('provider_id')],
  ['a provider_id that is not a UUID', { ...ORDER, provider_id: 'carrier' }, invalid('provider_id')],
  ['a provider_id with a trailing line break', { ...ORDER, provider_id: `${ID}\n` }, invalid('provider_id')],
  ['the nil UUID as provider_id', { ...ORDER, provider_id: NIL_UUID }, invalid('provider_id')],
  ['a flow_id that is not a UUID', { ...ORDER, flow_id: 'flow' }, invalid('flow_id')],
  ['a flow_id of null', { ...ORDER, flow_id: null }, invalid('flow_id')],
  ['a source that is a string', { ...ORDER, source: '+14155551234' }, invalid('source')],
  ['a source without a target', { ...ORDER, source: { type: 'tel' } }, invalid('source.target')],
  ['no destinations', { ...ORDER, destinations: [] }, invalid('destinations')],
  ['destinations that are not a list', { ...ORDER, destinations: TEL }, invalid('destinations')],
  [
    'a destination too many',
    { ...ORDER, destinations: Array(MAX_DESTINATIONS + 1).fill(TEL) },
    invalid('destinations'),
  ],
  [
    'an empty target',
    { ...ORDER, destinations: [{ type: 'tel', target: '' }] },
    invalid('destinations[0].target'),
  ],
  [
    'a target that is a number',
    { ...ORDER, destinations: [TEL, { type: 'tel', target: 8210 }] },
    invalid('destinations[1].target'),
  ],
  [
    'a target that is too long',
    { ...ORDER, destinations: [{ type: 'tel', target: '1'.repeat(256) }] },
    invalid('destinations[0].target'),
  ],
  [
    'a line break in a target',
    { ...ORDER, destinations: [{ type: 'sip', target: 'a@b\r\nX-Injected: 1' }] },
    invalid('destinations[0].target'),
  ],
  [
    'a null character in a name',
    { ...ORDER, destinations: [{ ...TEL, target_name: 'a\u0000b' }] },
    invalid('destinations[0].target_name'),
  ],
  [
    'half a character in a target',
    { ...ORDER, destinations: [{ type: 'tel', target: '\ud800' }] },
    invalid('destinations[0].target'),
  ],
  [
    'a type that cannot be dialled',
    { ...ORDER, destinations: [{ type: 'email', target: 'a@b' }] },
    invalid('destinations[0].type'),
  ],
  ['actions that are not a list', { ...ORDER, actions: { type: 'answer' } }, invalid('actions')],
  ['an action without a type', { ...ORDER, actions: [{ option: {} }] }, invalid('actions[0].type')],
  ['an action of an empty type', { ...ORDER, actions: [{ type: '' }] }, invalid('actions[0].type')],
  [
    'an action whose option is not an object',
    { ...ORDER, actions: [{ type: 'talk', option: 'x' }] },
    invalid('actions[0].option'),
  ],
  [
    'an action too many',
    { ...ORDER, actions: Array(MAX_ACTIONS + 1).fill({ type: 'answer' }) },
    invalid('actions'),
  ],
  ['another word for anonymous', { ...ORDER, anonymous: 'true' }, invalid('anonymous')],
  ['anonymous as a boolean', { ...ORDER, anonymous: true }, invalid('anonymous')],
  ['anonymous to a tel without a number to vouch for', { ...ORDER, anonymous: 'yes' }, invalid('source')],
  [
    'anonymous to a tel with a source that does not start with "+"',
    { ...ORDER, anonymous: 'yes', source: { type: 'tel', target: '4155551234' } },
    invalid('source'),
  ],
];

const JSON_HEADERS = { 'Content-Type': 'application/json' };
const good = JSON.stringify(ORDER);

/** Requests that are rejected for their form, and why. */
const forms: [what: string, request: RawRequest, rejection: Rejection][] = [
  ['no body', create(''), NOT_JSON],
  ['half of a body', create(good.slice(0, -1)), NOT_JSON],
  ['a body that goes on', create(`${good}${good}`), NOT_JSON],
  ['a body that nests too deep', create(nested(MAX_BODY_DEPTH + 1)), NOT_JSON],
  [
    'a body as a form',
    create('provider_id=x', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    invalid('Content-Type'),
  ],
  ['a body as text', create(good, { 'Content-Type': 'text/plain' }), invalid('Content-Type')],
  [
    'JSON of another charset',
    create(good, { 'Content-Type': 'application/json; charset=latin1' }),
    invalid('Content-Type'),
  ],
  [
    'a body that is too large',
    create(`${good}${' '.repeat(MAX_BODY_BYTES)}`),
    { status: 413, reason: 'REQUEST_TOO_LARGE' },
  ],
  [
    'an empty Idempotency-Key',
    create(good, { ...JSON_HEADERS, 'Idempotency-Key': '' }),
    invalid('Idempotency-Key'),
  ],
  [
    'an Idempotency-Key with a space',
    create(good, { ...JSON_HEADERS, 'Idempotency-Key': 'a b' }),
    invalid('Idempotency-Key'),
  ],
  [
    'an Idempotency-Key that is too long',
    create(good, { ...JSON_HEADERS, 'Idempotency-Key': 'k'.repeat(256) }),
    invalid('Idempotency-Key'),
  ],
  ['page_size=abc', { path: '/v1.0/providercalls?page_size=abc' }, invalid('page_size')],
  ['page_size=1.5', { path: '/v1.0/providercalls?page_size=1.5' }, invalid('page_size')],
  ['page_size twice', { path: '/v1.0/providercalls?page_size=1&page_size=2' }, invalid('page_size')],
  ['a forged page token', { path: '/v1.0/providercalls?page_token=eyJpZCI6MX0' }, invalid('page_token')],
  [
    'a page token of a day that does not exist',
    { path: `/v1.0/providercalls?page_token=${encodeURIComponent('2026-02-30 00:00:00.000000')}` },
    invalid('page_token'),
  ],
  [
    'a page token whose id is malformed',
    { path: `/v1.0/providercalls?page_token=${encodeURIComponent('2026-04-21 23:15:00.000000,x')}` },
    invalid('page_token'),
  ],
  [
    'a provider_id that is not a UUID',
    { path: '/v1.0/providercalls?provider_id=carrier' },
    invalid('provider_id'),
  ],
  [
    'the nil UUID as provider_id',
    { path: `/v1.0/providercalls?provider_id=${NIL_UUID}` },
    invalid('provider_id'),
  ],
  [
    'an id that is not a UUID',
    { path: '/v1.0/providercalls/42' },
    { status: 400, reason: 'INVALID_ID', fields: ['id'] },
  ],
  [
    'an id that is not a UUID, to delete',
    { method: 'DELETE', path: '/v1/providercalls/*' },
    { status: 400, reason: 'INVALID_ID', fields: ['id'] },
  ],
  [
    'an id of a call that is not a UUID',
    { path: '/v1.0/calls/42' },
    { status: 400, reason: 'INVALID_ID', fields: ['id'] },
  ],
  ['an unknown path', { path: '/v1.0/providercall' }, { status: 404, reason: 'ROUTE_NOT_FOUND' }],
  ['another version', { path: '/v2/providercalls' }, { status: 404, reason: 'ROUTE_NOT_FOUND' }],
  ['no version', { path: '/providercalls' }, { status: 404, reason: 'ROUTE_NOT_FOUND' }],
  ['the root', { path: '/' }, { status: 404, reason: 'ROUTE_NOT_FOUND' }],
  [
    'an unknown method',
    { method: 'PUT', path: `/v1.0/providercalls/${ID}`, headers: JSON_HEADERS, body: good },
    { status: 404, reason: 'ROUTE_NOT_FOUND' },
  ],
  [
    'a POST to a record',
    { method: 'POST', path: `/v1.0/providercalls/${ID}`, headers: JSON_HEADERS, body: good },
    { status: 404, reason: 'ROUTE_NOT_FOUND' },
  ],
];

type Claims = Parameters<JourneySystem['tokenOf']>[0];

/** Valid tokens that lack the permission. */
const DENIED: [what: string, claims: Claims, reason: string][] = [
  ['a customer admin', { permission: 0x0020 }, 'PERMISSION_DENIED'],
  ['a customer manager and agent', { permission: 0x0050 }, 'PERMISSION_DENIED'],
  ['no permission', { permission: 0 }, 'PERMISSION_DENIED'],
  ['another project permission', { permission: 0x0002 }, 'PERMISSION_DENIED'],
  ['a direct token', { type: 'direct', permission: 0xffff }, 'DIRECT_ACCESS_NOT_SUPPORTED'],
  ['a delegate token', { type: 'delegate', permission: 0xffff }, 'PERMISSION_DENIED'],
];

/** Requests that must be rejected with a reason and leave nothing behind: no call, no row, no flow. */
export function badInput(system: () => JourneySystem): void {
  // It must be the same after each request as before the first one.
  let before: Footprint;
  beforeAll(async () => {
    before = await system().footprint();
  });

  const expectRejection = async (request: RawRequest, { status, reason, fields = [] }: Rejection) => {
    const { send, footprint } = system();
    const response = await send(request);
    const { error } = JSON.parse(response.text);
    expect({ status: response.status, reason: error.reason }).toEqual({ status, reason });
    const details: { field: string }[] = error.details ?? [];
    expect(details.map(({ field }) => field)).toEqual(fields);
    expect(await footprint()).toEqual(before);
    return error;
  };
  const withToken = async (request: RawRequest, token: string): Promise<RawRequest> => ({
    ...request,
    headers: { ...request.headers, Authorization: `Bearer ${token}` },
  });

  describe('the body of a create', () => {
    test.each(bodies)('is rejected for %s', async (_, body, rejection) => {
      await expectRejection(await withToken(create(JSON.stringify(body)), system().token), rejection);
    });

    test('is rejected with a detail for each fault, up to twenty', async () => {
      const body = JSON.stringify({ ...ORDER, destinations: Array(30).fill({ type: 'x', target: '' }) });
      const { send, token } = system();
      const { text } = await send(await withToken(create(body), token));
      expect(JSON.parse(text).error.details).toHaveLength(20);
    });

    test('is rejected for the key __proto__', async () => {
      const body = `{"__proto__":{"anonymous":"no"},${good.slice(1)}`;
      await expectRejection(await withToken(create(body), system().token), invalid('__proto__'));
    });
  });

  describe('a request', () => {
    test.each(forms)('is rejected for %s', async (_, request, rejection) => {
      await expectRejection(await withToken(request, system().token), rejection);
    });
  });

  describe('credentials', () => {
    const unauthenticated: Rejection = { status: 401, reason: 'AUTHENTICATION_REQUIRED' };

    test('a request without a credential is rejected', async () => {
      await expectRejection(create(good), unauthenticated);
    });

    test.each<
      [what: string, headers: (token: string) => Record<string, string>, query: (token: string) => string]
    >([
      ['broken', (token) => ({ Authorization: `Bearer ${token.slice(0, -2)}` }), () => ''],
      ['of another scheme', (token) => ({ Authorization: `Basic ${token}` }), () => ''],
      ['without a scheme', (token) => ({ Authorization: token }), () => ''],
      ['empty', () => ({}), () => '?token='],
      ['one of two', (token) => ({ Authorization: `Bearer ${token}` }), (token) => `?token=${token}`],
      ['repeated', () => ({}), (token) => `?token=${token}&token=${token}`],
      ['an unknown access key', () => ({}), () => `?accesskey=vb_${'A'.repeat(43)}`],
    ])('a credential that is %s is rejected', async (_, headers, query) => {
      const { token } = system();
      const request = create(good, { ...JSON_HEADERS, ...headers(token) });
      await expectRejection({ ...request, path: `${request.path}${query(token)}` }, unauthenticated);
    });

    test('an expired token is rejected', async () => {
      const token = await system().tokenOf({ expiresInSeconds: -60 });
      await expectRejection(await withToken(create(good), token), unauthenticated);
    });

    test.each(DENIED)('%s is rejected with the reason', async (_, claims, reason) => {
      const token = await system().tokenOf(claims);
      const error = await expectRejection(await withToken(create(good), token), { status: 403, reason });
      expect(error.message).not.toBe('');
    });

    test.each([
      ['GET', '/v1.0/providercalls'],
      ['GET', `/v1/providercalls/${ID}`],
      ['DELETE', `/v1.0/providercalls/${ID}`],
      ['GET', '/v1.0/providers'],
    ])('the token of a customer is rejected at %s %s too', async (method, path) => {
      const token = await system().tokenOf({ permission: 0x00f0 });
      await expectRejection(await withToken({ method, path }, token), {
        status: 403,
        reason: 'PERMISSION_DENIED',
      });
    });
  });
}

function invalid(...fields: string[]): Rejection {
  return { status: 400, reason: 'INVALID_ARGUMENT', fields };
}

function create(body: string, headers: Record<string, string> = JSON_HEADERS): RawRequest {
  return {
    method: 'POST',
    path: '/v1.0/providercalls',
    headers,
    body,
  };
}

function nested(depth: number) {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}
