import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { PlatformError } from '../../functions/platform-error.ts';
import {
  type CreateResult,
  createProviderCall,
} from '../../functions/provider-calls/create-provider-call.ts';
import { type CreateDeps, TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { reconcileProviderCalls } from '../../functions/provider-calls/reconcile-provider-calls.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { createProviderCallTable } from '../dynamodb.ts';
import type { ClientRequest } from './client-request.ts';
import { BEGINNING, type Fixture } from './fixture.ts';
import type { ClientResponse } from './promises.ts';
import { drive, type Run, startRun } from './run.ts';
import { SETTLED_AFTER } from './transport.ts';

/** One sending of a client request. The outcome is what the client knows: undefined if it got no response. */
export type Attempt = { clientRequest: ClientRequest; run: Run<CreateResult>; heard: boolean };

export type Scenario = Awaited<ReturnType<typeof createScenario>>;

/** Rounds of reconcile after which everything must be settled, once nothing fails any more. */
const ROUNDS = 5;

/** Later than anything can be due. */
const END_OF_TIME = '9999-01-01 00:00:00.000000';

/** Returns what a client knows after an attempt. */
export function responseTo({ clientRequest, run: { outcome }, heard }: Attempt): ClientResponse {
  if (!heard || outcome === undefined) return { clientRequest, response: { kind: 'nothing certain' } };
  if (outcome.kind === 'returned') {
    const { id, callIds } = outcome.value.record;
    return { clientRequest, response: { kind: 'record', id, callIds } };
  }
  const { error } = outcome;
  const isOpen =
    error instanceof PlatformError &&
    (error.reason === 'CALL_OUTCOME_UNKNOWN' || error.reason === 'REQUEST_IN_PROGRESS');
  return { clientRequest, response: { kind: isOpen ? 'nothing certain' : 'nothing dialled' } };
}

/** Creates a customer with its own table and clock, whose requests can be stopped at every point. */
export async function createScenario(fixture: Fixture) {
  const [{ customerId, standInUrl, time }, tableName] = await Promise.all([
    fixture.newCustomer(),
    createProviderCallTable(fixture.dynamodb),
  ]);
  const store = createProviderCallStore(fixture.documents, tableName);
  let passed = 0;
  time.now = BEGINNING;
  const now = () => new Date(BEGINNING + passed);
  const backendsAt = (url: string, timeoutMs?: number, documents = fixture.documents) =>
    fixture.backendsAt({ documents, tableName, now }, url, timeoutMs);
  const deps: CreateDeps = { ...backendsAt(standInUrl), store, now };
  const attempts: Attempt[] = [];

  const scenario = {
    documents: fixture.documents,
    customerId,
    standInUrl,
    tableName,
    store,
    attempts,
    /** Clients of the three backends at another URL. */
    backendsAt,

    /** Lets milliseconds pass. */
    wait: (milliseconds: number) => {
      passed += milliseconds;
      time.now = BEGINNING + passed;
    },

    /** Sends a client request to a create, whose deps may differ from the scenario's. */
    send: async (clientRequest: ClientRequest, others: Partial<CreateDeps> = {}): Promise<Attempt> => {
      const run = await startRun(() =>
        createProviderCall({ ...deps, ...others }, createRequestScope(randomUUID()), {
          customerId,
          actor: { type: 'agent', id: SEED_IDS.agent },
          ...clientRequest,
        }),
      );
      const attempt = { clientRequest, run, heard: true };
      attempts.push(attempt);
      return attempt;
    },

    /** Runs reconcile, whose deps may differ from the scenario's. */
    reconcile: (others: Partial<CreateDeps> = {}) =>
      startRun(() =>
        reconcileProviderCalls({ ...deps, ...others }, createRequestScope(randomUUID()), {
          hasTimeLeft: () => true,
          // A run that is driven from point to point settles one record at a time.
          concurrency: 1,
        }),
      ),

    /** Lets enough time pass for every create to end, and runs reconcile until nothing is open. */
    settle: async () => {
      scenario.wait(SETTLED_AFTER);
      for (let round = 0; round < ROUNDS; round += 1) {
        await drive(await scenario.reconcile());
        if ((await store.listDue({ now: END_OF_TIME, limit: 1 })).length === 0) return;
        scenario.wait(TIME_LIMITS.maxSettleAgainAfter);
      }
    },
  };
  return scenario;
}
