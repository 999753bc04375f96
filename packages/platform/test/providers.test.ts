import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createProviders } from '../src/providers.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { errorOf } from './http-client.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { type PlatformInMemory, startPlatformInMemory } from './platform-in-memory.ts';
import { BEGINNING, provider } from './platform-under-test.ts';

let platform: PlatformInMemory;

beforeEach(async () => {
  platform = await startPlatformInMemory();
});

const idSchema = z.object({ id: z.string() });
const pageSchema = z.object({ result: z.array(idSchema), next_page_token: z.string() });
async function listed() {
  return z.parse(pageSchema, (await platform.http.get('/v1/providers')).body).result.map(({ id }) => id);
}

const WHOLE = {
  type: 'sip',
  hostname: 'sip.example.com:5080',
  tech_prefix: '9',
  tech_postfix: '#1',
  tech_headers: { 'X-Account': '42' },
  codecs: 'PCMU',
  auth_username: 'user',
  name: 'New',
  detail: 'of a test',
  metadata: { note: 'mine' },
};

async function create(body: unknown = { ...WHOLE, auth_password: 'secret' }) {
  return z.parse(idSchema, (await platform.http.post('/v1/providers', body)).body).id;
}

test('create returns the whole provider except its password', async () => {
  const { status, body } = await platform.http.post('/v1/providers', { ...WHOLE, auth_password: 'secret' });
  const now = '2026-04-21 23:15:00.000000';
  const { id } = z.parse(idSchema, body);
  const provider = {
    id,
    ...WHOLE,
    health_status: 'unknown',
    health_checked_at: null,
    tm_create: now,
    tm_update: now,
    tm_delete: null,
  };
  expect({ status, body }).toEqual({ status: 200, body: provider });
  expect((await platform.http.get(`/v1/providers/${id}`)).body).toEqual(provider);
  expect(await listed()).toContain(id);
});

test('an update changes the fields in it and leaves the rest', async () => {
  const id = await create();
  platform.clock.advanceTo(platform.clock.now() + 1000);
  const { body } = await platform.http.put(`/v1/providers/${id}`, { tech_prefix: '8' });
  expect(body).toMatchObject({
    ...WHOLE,
    id,
    tech_prefix: '8',
    tm_create: '2026-04-21 23:15:00.000000',
    tm_update: '2026-04-21 23:15:01.000000',
  });
});

test('a deleted provider is found by its id only, and keeps its first deletion', async () => {
  const id = await create();
  platform.clock.advanceTo(platform.clock.now() + 1000);
  const first = await platform.http.delete(`/v1/providers/${id}`);
  platform.clock.advanceTo(platform.clock.now() + 1000);
  const second = await platform.http.delete(`/v1/providers/${id}`);
  expect(first.body).toMatchObject({ id, tm_delete: '2026-04-21 23:15:01.000000' });
  expect(second.body).toEqual(first.body);
  expect((await platform.http.get(`/v1/providers/${id}`)).body).toEqual(first.body);
  expect(await listed()).not.toContain(id);
});

test('a deleted provider cannot be changed', async () => {
  const response = await platform.http.put(`/v1/providers/${SEED_IDS.providers.deleted}`, { name: 'x' });
  expect(errorOf(response)).toEqual({ http: 404, status: 'NOT_FOUND', reason: 'PROVIDER_NOT_FOUND' });
});

test.each(['GET', 'PUT', 'DELETE'] as const)(
  'a provider with an unknown id is not found: %s',
  async (method) => {
    const path = '/v1/providers/11111111-1111-4111-8111-111111111111';
    const { get, put, delete: remove } = platform.http;
    const response = await { GET: () => get(path), PUT: () => put(path, {}), DELETE: () => remove(path) }[
      method
    ]();
    expect(errorOf(response)).toEqual({ http: 404, status: 'NOT_FOUND', reason: 'PROVIDER_NOT_FOUND' });
  },
);

describe('a configuration', () => {
  test.each([
    ['a host name', { hostname: 'sip.example.com' }],
    ['a host name with a port', { hostname: 'sip.example.com:65535' }],
    ['an IPv4 address', { hostname: '192.0.2.1' }],
    ['an IPv6 address with a port', { hostname: '[2001:db8::1]:5060' }],
    ['no codecs', { hostname: 'a.example', codecs: '' }],
    [
      'a header that will be left out when dialling',
      { hostname: 'a.example', tech_headers: { 'a(b': 'c\r\nd' } },
    ],
  ])('is taken with %s', async (_, body) => {
    expect((await platform.http.post('/v1/providers', body)).status).toBe(200);
  });

  test.each([
    ['no host', {}, 'hostname'],
    ['an empty host', { hostname: '' }, 'hostname'],
    ['a host with a path', { hostname: 'a.example/x' }, 'hostname'],
    ['a host with a space', { hostname: 'a example' }, 'hostname'],
    ['a host with a line break', { hostname: 'a.example\r\nX: y' }, 'hostname'],
    ['a host with a line break at its end', { hostname: 'a.example\n' }, 'hostname'],
    ['a port that is too large', { hostname: 'a.example:65536' }, 'hostname'],
    ['port 0', { hostname: 'a.example:0' }, 'hostname'],
    ['a label that is too long', { hostname: `${'a'.repeat(64)}.example` }, 'hostname'],
    ['a prefix that ends the user', { hostname: 'a.example', tech_prefix: '9@evil' }, 'tech_prefix'],
    ['a postfix with a line break', { hostname: 'a.example', tech_postfix: '1\r\n' }, 'tech_postfix'],
    ['headers that are not text', { hostname: 'a.example', tech_headers: { a: 1 } }, 'tech_headers.a'],
    ['codecs that are not a list', { hostname: 'a.example', codecs: 'PCMU;PCMA' }, 'codecs'],
    ['another type', { hostname: 'a.example', type: 'smpp' }, 'type'],
    ['an unknown field', { hostname: 'a.example', tech_prefx: '9' }, 'tech_prefx'],
    ['an id of its own', { hostname: 'a.example', id: SEED_IDS.providers.answers }, 'id'],
    [
      'a state that is not for it to say',
      { hostname: 'a.example', health_status: 'healthy' },
      'health_status',
    ],
  ])('is rejected with %s, at creation and at a change', async (_, body, field) => {
    const before = await listed();
    const created = await platform.http.post('/v1/providers', body);
    expect(created.status).toBe(400);
    expect(created.body).toMatchObject({ error: { details: [{ field }] } });
    expect(await listed()).toEqual(before);
    if (Object.keys(body).length > 0) {
      const changed = await platform.http.put(`/v1/providers/${SEED_IDS.providers.answers}`, body);
      expect(changed.status).toBe(400);
    }
  });
});

describe('the seed', () => {
  const restartWith = async (hostname: string) => {
    platform = await startPlatformInMemory({
      store: platform.store,
      seed: defaultSeed({ carrier: hostname }),
    });
  };

  test('has every kind of provider, and leaves the deleted one out of the list', async () => {
    const { deleted, ...others } = SEED_IDS.providers;
    expect(new Set(await listed())).toEqual(new Set(Object.values(others)));
    expect((await platform.http.get(`/v1/providers/${deleted}`)).body).toMatchObject({
      id: deleted,
      tm_delete: '2026-01-02 00:00:00.000000',
    });
  });

  test('moves the providers that nobody has changed', async () => {
    const { answers, rejects } = SEED_IDS.providers;
    await platform.http.put(`/v1/providers/${rejects}`, { hostname: 'mine.example' });
    await platform.http.delete(`/v1/providers/${SEED_IDS.providers.busy}`);
    await restartWith('127.0.0.1:5090');
    expect((await platform.http.get(`/v1/providers/${answers}`)).body).toMatchObject({
      hostname: '127.0.0.1:5090',
    });
    expect((await platform.http.get(`/v1/providers/${rejects}`)).body).toMatchObject({
      hostname: 'mine.example',
    });
    expect(await listed()).not.toContain(SEED_IDS.providers.busy);
  });
});

test('a restart keeps the health of a seeded provider, unless its host is another one', async () => {
  const providers = createProviders({
    store: createMemoryDocumentStore(),
    clock: createVirtualClock(BEGINNING),
  });
  const seeded = provider({ hostname: 'one.example' });
  const health = async () => {
    const { health_status, health_detail } = await providers.get(seeded.id);
    return [health_status, health_detail];
  };
  await providers.seed(seeded);
  await providers.noteHealth(seeded, 'unhealthy', '503 Service Unavailable');
  await providers.seed(seeded);
  expect(await health()).toEqual(['unhealthy', '503 Service Unavailable']);
  await providers.seed({ ...seeded, hostname: 'two.example' });
  expect(await health()).toEqual(['unknown', undefined]);
});
