import { describe, expect, test } from 'vitest';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { countryCodeOf, createDialroutes } from '../src/dialroutes.ts';
import { createProviders } from '../src/providers.ts';
import type { Dialroute } from '../src/records/dialroute.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';

import { createMemoryDocumentStore } from './memory-document-store.ts';
import { BEGINNING, provider, sip, tel } from './platform-under-test.ts';

describe('the country code', () => {
  test.each([
    ['+14155550100', '+1'],
    ['+74951234567', '+7'],
    ['+821012345678', '+82'],
    ['+442071234567', '+44'],
    ['+33123456789', '+33'],
    ['+351211234567', '+351'],
    ['+420212345678', '+420'],
    ['+85212345678', '+852'],
    ['+971501234567', '+971'],
    ['+99312345678', '+993'],
    ['821012345678', undefined],
    ['+8', undefined],
    ['+', undefined],
  ])('of %s is %s', (number, code) => {
    expect(countryCodeOf(number)).toBe(code);
  });
});

describe('route candidates', () => {
  const customer = '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c';
  const ids = {
    korea: 'b0000000-0000-4000-8000-000000000001',
    everywhere: 'b0000000-0000-4000-8000-000000000002',
    fallback: 'b0000000-0000-4000-8000-000000000003',
    deleted: 'b0000000-0000-4000-8000-000000000004',
  };

  const route = (
    id: string,
    customerId: string,
    providerId: string,
    priority: number,
    target: string,
  ): Dialroute => ({ id, customer_id: customerId, provider_id: providerId, priority, target });

  /** The customer's own routes in the wrong order, and three default routes. */
  const routesUnderTest = async () => {
    const store = createMemoryDocumentStore();
    const providers = createProviders({ store, clock: createVirtualClock(BEGINNING) });
    for (const id of Object.values(ids)) await providers.seed(provider({ id }));
    await providers.delete(ids.deleted);
    const dialroutes = createDialroutes({ store, providers });
    for (const one of [
      route('d1', customer, ids.everywhere, 1, 'all'),
      route('d2', customer, ids.korea, 0, '+82'),
      route('d3', NIL_UUID, ids.everywhere, 0, 'all'),
      route('d4', NIL_UUID, ids.fallback, 1, 'all'),
      route('d5', NIL_UUID, ids.deleted, 2, 'all'),
    ]) {
      await dialroutes.seed(one);
    }
    return dialroutes;
  };

  test.each([
    ["a number of a country that the customer's route names", tel('+821012345678'), ['d2', 'd1', 'd4']],
    ['a number of another country', tel('+14155551234'), ['d1', 'd4']],
    ['a sip address', sip('alice@example.com'), ['d1', 'd4']],
  ])(
    "of %s are the customer's routes by priority, then the default routes through other providers",
    async (_, destination, expected) => {
      const find = await (await routesUnderTest()).load(customer, undefined);
      expect(find(destination).map((candidate) => candidate.route.id)).toEqual(expected);
    },
  );

  test('of a customer without routes are the default routes', async () => {
    const find = await (await routesUnderTest()).load('11111111-1111-4111-8111-111111111111', undefined);
    expect(find(tel('+821012345678')).map((candidate) => candidate.route.id)).toEqual(['d3', 'd4']);
  });

  test('of forced providers are one synthetic route each, in their order', async () => {
    const find = await (await routesUnderTest()).load(customer, [
      ids.fallback,
      'no-uuid',
      ids.deleted,
      ids.korea,
    ]);
    expect(find(tel('+821012345678')).map((candidate) => candidate.route)).toEqual([
      route(ids.fallback, customer, ids.fallback, 0, '+82'),
      route(ids.korea, customer, ids.korea, 3, '+82'),
    ]);
  });

  test.each([
    ['deleted providers only', [ids.deleted]],
    ['no provider', []],
  ])('of %s do not exist, and the own routes are not used instead', async (_, providerIds) => {
    const find = await (await routesUnderTest()).load(customer, providerIds);
    expect(() => find(tel('+821012345678'))).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'PROVIDER_NOT_FOUND' }),
    );
  });

  test('of a destination that no route fits do not exist', async () => {
    const store = createMemoryDocumentStore();
    const providers = createProviders({ store, clock: createVirtualClock(BEGINNING) });
    const find = await createDialroutes({ store, providers }).load(customer, undefined);
    expect(() => find(tel('+821012345678'))).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT' }),
    );
  });
});
