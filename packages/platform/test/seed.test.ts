import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { customerSchema } from '../src/customers.ts';
import { isDeleted } from '../src/providers.ts';
import { dialrouteSchema } from '../src/records/dialroute.ts';
import { flowSchema } from '../src/records/flow.ts';
import { providerSchema } from '../src/records/provider.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';

const seed = defaultSeed({ carrier: '127.0.0.1:5090' });

test('every seeded document is valid', () => {
  z.parse(z.array(providerSchema), seed.providers);
  z.parse(z.array(flowSchema), seed.flows);
  z.parse(z.array(customerSchema), seed.customers);
  z.parse(z.array(dialrouteSchema), seed.dialroutes);
});

test('the ids are those of the documents', () => {
  expect(seed.providers.map(({ id }) => id).toSorted()).toEqual(Object.values(SEED_IDS.providers).toSorted());
  expect(seed.flows.map(({ id }) => id)).toEqual([SEED_IDS.flow]);
  expect(seed.customers.map(({ id }) => id)).toEqual([SEED_IDS.customer]);
  expect(seed.customers.flatMap(({ agents }) => Object.keys(agents))).toEqual([SEED_IDS.agent]);
});

test('the providers differ in the prefix that decides how a call ends', () => {
  const { answers, busy, rejects, neverAnswers } = SEED_IDS.providers;
  const prefixes = Object.fromEntries(seed.providers.map(({ id, tech_prefix }) => [id, tech_prefix]));
  expect([answers, busy, rejects, neverAnswers].map((id) => prefixes[id])).toEqual(['', '486', '403', '180']);
  expect(new Set(seed.providers.map(({ hostname }) => hostname))).toEqual(new Set(['127.0.0.1:5090']));
});

test('one provider is deleted; another one with the sentinel is not', () => {
  expect(seed.providers.filter(isDeleted).map(({ id }) => id)).toEqual([SEED_IDS.providers.deleted]);
  expect(seed.providers.find(({ id }) => id === SEED_IDS.providers.busy)?.tm_delete).toBe(
    '9999-01-01 00:00:00.000000',
  );
});

test('every route leads through a seeded provider that exists', () => {
  const live = seed.providers.filter((provider) => !isDeleted(provider)).map(({ id }) => id);
  for (const { provider_id } of seed.dialroutes) expect(live).toContain(provider_id);
});
