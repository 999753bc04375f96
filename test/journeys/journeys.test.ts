import { afterAll, beforeAll, describe } from 'vitest';
import { badInput } from './bad-input.ts';
import { callsOutcome } from './calls-outcome.ts';
import { idempotency } from './idempotency.ts';
import { type JourneySystem, startJourneySystem } from './journey-system.ts';
import { logs } from './logs.ts';
import { pagination } from './pagination.ts';
import { providerCallsApi } from './provider-calls-api.ts';
import { specificationTutorial } from './specification-tutorial.ts';
import { tenancy } from './tenancy.ts';

/*
 * One system for all journeys: starting it takes longer than the journeys.
 */

let started: JourneySystem | undefined;
function system(): JourneySystem {
  if (started === undefined) throw new Error('the system has not started');
  return started;
}

beforeAll(async () => {
  started = await startJourneySystem();
});
afterAll(async () => {
  await started?.close();
});

describe("the specification's curl commands", () => specificationTutorial(system));
describe('bad input leaves nothing behind', () => badInput(system));
describe('the ProviderCall API', () => providerCallsApi(system));
describe('the outcome of calls', () => callsOutcome(system));
describe('idempotency', () => idempotency(system));
describe('tenancy', () => tenancy(system));
describe('pagination', () => pagination(system));
describe('logs', () => logs(system));
