import { randomUUID } from 'node:crypto';
import {
  type CreateCollaborators,
  type CreateResult,
  createProviderCall,
} from '../../functions/provider-calls/create-provider-call.ts';
import { type CreateRequest, createRequestSchema } from '../../functions/provider-calls/create-request.ts';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { reconcileProviderCalls } from '../../functions/provider-calls/reconcile-provider-calls.ts';
import { timeLimits } from '../../functions/provider-calls/time-limits.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { seedIds } from '../../sandbox/seed.ts';
import { backendsAt, beginning, type Lab } from './lab.ts';
import { createProviderCallTable } from './provider-call-table.ts';
import { drive, type Run, startRun } from './run.ts';

/** What a client wants done, however often it asks for it. Its caller id tells its calls from all others. */
export type Wish = {
  request: CreateRequest;
  /** Undefined when it is sent without an Idempotency-Key: then every time it is sent is a request of its own. */
  idempotencyKey: string | undefined;
};

/** One time that a wish was sent. The outcome is the client's: undefined when it never heard of one. */
export type Attempt = { wish: Wish; run: Run<CreateResult>; heard: boolean };

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Rounds of reconcile after which everything must be settled once nothing fails any more. */
const ROUNDS = 5;

/** Later than everything can be due. */
const END_OF_TIME = '9999-01-01 00:00:00.000000';

let wishes = 0;

/** A wish that no other one shares its caller id with. */
export const newWish = ({
  withFlow,
  withKey,
  withGroupcall = false,
}: {
  withFlow: boolean;
  withKey: boolean;
  withGroupcall?: boolean;
}): Wish => {
  wishes += 1;
  return {
    idempotencyKey: withKey ? `key-${randomUUID()}` : undefined,
    request: createRequestSchema.parse({
      provider_id: seedIds.providers.answers,
      source: { type: 'tel', target: `+1415${String(wishes).padStart(7, '0')}` },
      destinations: [
        { type: 'tel', target: '+821012345678' },
        ...(withGroupcall ? [{ type: 'extension', target: '1001' }] : []),
      ],
      ...(withFlow && { actions: [{ type: 'answer' }, { type: 'talk', option: { text: 'Hello' } }] }),
    }),
  };
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
  const collaborators: CreateCollaborators = { ...backends, store, now };
  const attempts: Attempt[] = [];

  const world = {
    customerId,
    standInUrl,
    tableName,
    store,
    attempts,

    /** Lets milliseconds pass. */
    wait: (milliseconds: number) => {
      passed += milliseconds;
    },

    /** Sends a wish, to a create that may have other collaborators than the world's own. */
    send: async (wish: Wish, others: Partial<CreateCollaborators> = {}): Promise<Attempt> => {
      const run = await startRun(() =>
        createProviderCall({ ...collaborators, ...others }, createRequestScope(randomUUID()), {
          customerId,
          actor: { type: 'agent', id: seedIds.agent },
          ...wish,
        }),
      );
      const attempt = { wish, run, heard: true };
      attempts.push(attempt);
      return attempt;
    },

    /** Runs reconcile, which may have other collaborators than the world's own. */
    reconcile: (others: Partial<CreateCollaborators> = {}) =>
      startRun(() =>
        reconcileProviderCalls({ ...collaborators, ...others }, createRequestScope(randomUUID()), () => true),
      ),

    /** Lets so much time pass that every create is over, and runs reconcile until nothing is open. */
    settle: async () => {
      world.wait(timeLimits.intentLifetime);
      for (let round = 0; round < ROUNDS; round += 1) {
        await drive(await world.reconcile());
        if ((await store.listDue(END_OF_TIME, 1)).length === 0) return;
        world.wait(timeLimits.settleAgainAfter);
      }
    },
  };
  return world;
};
