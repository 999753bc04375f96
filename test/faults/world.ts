import { randomUUID } from 'node:crypto';
import { seedIds } from '@provider-call/platform/seed';
import { PlatformError } from '../../functions/platform-error.ts';
import {
  type CreateResult,
  createProviderCall,
} from '../../functions/provider-calls/create-provider-call.ts';
import { type CreateDeps, TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { reconcileProviderCalls } from '../../functions/provider-calls/reconcile-provider-calls.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { backendsAt, beginning, type Lab } from './lab.ts';
import type { Told } from './promises.ts';
import { createProviderCallTable } from './provider-call-table.ts';
import { drive, type Run, startRun } from './run.ts';
import type { Wish } from './wish.ts';

/** One time that a wish was sent. The outcome is the client's: undefined when it never heard of one. */
export type Attempt = { wish: Wish; run: Run<CreateResult>; heard: boolean };

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Rounds of reconcile after which everything must be settled once nothing fails any more. */
const ROUNDS = 5;

/** Later than everything can be due. */
const END_OF_TIME = '9999-01-01 00:00:00.000000';

/** What a client has been told by an attempt. */
export const toldBy = ({ wish, run: { outcome }, heard }: Attempt): Told => {
  if (!heard || outcome === undefined) return { wish, told: { kind: 'nothing certain' } };
  if (outcome.kind === 'returned') {
    const { id, callIds } = outcome.value.record;
    return { wish, told: { kind: 'record', id, callIds } };
  }
  const { error } = outcome;
  const isOpen =
    error instanceof PlatformError &&
    (error.reason === 'CALL_OUTCOME_UNKNOWN' || error.reason === 'REQUEST_IN_PROGRESS');
  return { wish, told: { kind: isOpen ? 'nothing certain' : 'nothing dialled' } };
};

/** A customer with a table and a clock of its own, whose requests can be stopped at every point. */
export const createWorld = async (lab: Lab) => {
  const [{ customerId, standInUrl }, tableName] = await Promise.all([
    lab.newCustomer(),
    createProviderCallTable(lab.dynamodb),
  ]);
  const store = createProviderCallStore(lab.documents, tableName);
  const backends = backendsAt(standInUrl);
  let passed = 0;
  const now = () => new Date(beginning + passed);
  const deps: CreateDeps = { ...backends, store, now };
  const attempts: Attempt[] = [];

  const world = {
    documents: lab.documents,
    customerId,
    standInUrl,
    tableName,
    store,
    attempts,

    /** Lets milliseconds pass. */
    wait: (milliseconds: number) => {
      passed += milliseconds;
    },

    /** Sends a wish, to a create that may have other deps than the world's own. */
    send: async (wish: Wish, others: Partial<CreateDeps> = {}): Promise<Attempt> => {
      const run = await startRun(() =>
        createProviderCall({ ...deps, ...others }, createRequestScope(randomUUID()), {
          customerId,
          actor: { type: 'agent', id: seedIds.agent },
          ...wish,
        }),
      );
      const attempt = { wish, run, heard: true };
      attempts.push(attempt);
      return attempt;
    },

    /** Runs reconcile, which may have other deps than the world's own. */
    reconcile: (others: Partial<CreateDeps> = {}) =>
      startRun(() =>
        reconcileProviderCalls({ ...deps, ...others }, createRequestScope(randomUUID()), {
          hasTimeLeft: () => true,
        }),
      ),

    /** Lets so much time pass that every create is over, and runs reconcile until nothing is open. */
    settle: async () => {
      world.wait(TIME_LIMITS.intentLifetime);
      for (let round = 0; round < ROUNDS; round += 1) {
        await drive(await world.reconcile());
        if ((await store.listDue({ now: END_OF_TIME, limit: 1 })).length === 0) return;
        world.wait(TIME_LIMITS.settleAgainAfter);
      }
    },
  };
  return world;
};
