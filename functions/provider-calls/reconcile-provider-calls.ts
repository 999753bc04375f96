import type { ProviderCallId, Timestamp } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import { BackendFailure, type SettleDeps, TIME_LIMITS } from './ports.ts';
import type { Due, ProviderCallStore } from './provider-call-store.ts';
import { hasOutlivedCreate, nextTry, settleProviderCall } from './settle-provider-call.ts';

export type ReconcileInput = {
  /** Whether there is time for another record. */
  hasTimeLeft: () => boolean;
  /** How many records are settled at once. */
  concurrency: number;
};

/** What a run did: how many records it completed and removed, and what is open after it, whether it met that or not. */
export type ReconcileReport = {
  completed: number;
  removed: number;
  /** How many open records no create can be at work on. */
  open: number;
  /** Ids of what has been open for longer than a day. */
  overdueIds: ProviderCallId[];
  /** Ids of the open records to which several sets of calls may belong. */
  ambiguousIds: ProviderCallId[];
  /** Ids at which the table failed, or whose items are not of our shape. */
  failedIds: ProviderCallId[];
  /** False when the run ended with due records left. */
  finished: boolean;
};

/** Before and after everything that is stored. An item without a time of creation needs an operator. */
const BEGINNING_OF_TIME = '0001-01-01 00:00:00.000000';
const END_OF_TIME = '9999-01-01 00:00:00.000000';

/** How many due records a run reads at once. */
const PAGE_SIZE = 25;

/** A backend that has timed out so often in a run is not asked again in it. */
const MAX_TIMEOUTS = 2;

/** How many warnings of a run are logged: thousands of records can fail for one reason, and a log line has 256 KB. */
const MAX_WARNINGS = 20;

/**
 * Settles what creates left behind: page by page through what is due, the longest due first, to its end, or until no
 * time is left. Each page begins where the last one ended, so that what stays due, such as an item at which the table
 * fails, never blocks the rest. A record that waits for a hanging backend does not delay the others: several are settled
 * at once, and after `MAX_TIMEOUTS` that backend is skipped.
 */
export async function reconcileProviderCalls(
  deps: SettleDeps,
  scope: RequestScope,
  { hasTimeLeft, concurrency }: ReconcileInput,
): Promise<ReconcileReport> {
  const { store, now } = deps;
  const run: Run = {
    deps: withCircuitBreakers(deps),
    scope: withFewWarnings(scope),
    completedIds: new Set(),
    removedIds: new Set(),
    failedIds: [],
  };
  const due = eachDue(store, formatTimestamp(now()));
  const worker = async (): Promise<boolean> => {
    while (hasTimeLeft()) {
      const next = await due.next();
      if (next.done) return true;
      await settleOne(run, next.value.id);
    }
    return false;
  };
  const reachedEnd = await Promise.all(Array.from({ length: concurrency }, worker));
  let open = 0;
  const overdueIds: ProviderCallId[] = [];
  const ambiguousIds: ProviderCallId[] = [];
  for await (const { id, candidates, tm_create: createdAt = BEGINNING_OF_TIME } of eachDue(
    store,
    END_OF_TIME,
  )) {
    // The index lags behind: it may still have what this run has just settled.
    if (run.completedIds.has(id) || run.removedIds.has(id) || !hasOutlivedCreate({ createdAt }, now()))
      continue;
    open += 1;
    if (isOverdue({ createdAt }, now())) overdueIds.push(id);
    if (candidates?.length) ambiguousIds.push(id);
  }
  return {
    completed: run.completedIds.size,
    removed: run.removedIds.size,
    open,
    overdueIds,
    ambiguousIds,
    failedIds: run.failedIds,
    finished: reachedEnd.every((isAtEnd) => isAtEnd),
  };
}

type Run = {
  deps: SettleDeps;
  scope: RequestScope;
  completedIds: Set<ProviderCallId>;
  removedIds: Set<ProviderCallId>;
  failedIds: ProviderCallId[];
};

/** Yields what is due at `now`, the longest due first. */
async function* eachDue({ listDue }: ProviderCallStore, now: Timestamp): AsyncGenerator<Due, undefined> {
  let last: Due | undefined;
  do {
    const page = await listDue({ now, limit: PAGE_SIZE, after: last });
    yield* page;
    last = page.at(-1);
  } while (last !== undefined);
}

/** Settles one id and counts the result. A failure is noted and left to the next run: the others must not wait for it. */
async function settleOne(
  { deps, scope, completedIds, removedIds, failedIds }: Run,
  id: ProviderCallId,
): Promise<void> {
  const { store, now } = deps;
  try {
    const stored = await store.get(id);
    // The index lags behind: what exists under the id now may be settled, or be a later attempt that is still at work.
    if (stored === undefined || stored.state === 'placed' || !hasOutlivedCreate(stored, now())) return;
    const settlement = await settleProviderCall(deps, scope, stored);
    if (settlement.kind === 'placed') completedIds.add(id);
    else if (settlement.kind === 'gone') removedIds.add(id);
    else if (settlement.kind === 'flow-remains') {
      await store.postpone({ unsettled: stored, ...nextTry(stored, now(), settlement.cause) });
    }
  } catch (error) {
    failedIds.push(id);
    scope.warn(`ProviderCall ${id} could not be settled`, error);
  }
}

/** Returns the same with backends that fail at once after `MAX_TIMEOUTS`, each on its own. */
function withCircuitBreakers(deps: SettleDeps): SettleDeps {
  const { flowBackend, callBackend } = deps;
  const flow = circuitBreaker('flow');
  const call = circuitBreaker('call');
  return {
    ...deps,
    flowBackend: {
      createTemporaryFlow: (...args) => flow(() => flowBackend.createTemporaryFlow(...args)),
      findTemporaryFlow: (...args) => flow(() => flowBackend.findTemporaryFlow(...args)),
      deleteFlow: (...args) => flow(() => flowBackend.deleteFlow(...args)),
    },
    callBackend: {
      placeCalls: (...args) => call(() => callBackend.placeCalls(...args)),
      findPlaced: (...args) => call(() => callBackend.findPlaced(...args)),
    },
  };
}

function circuitBreaker(backend: string) {
  let timeouts = 0;
  return async <Result>(send: () => Promise<Result>): Promise<Result> => {
    if (timeouts >= MAX_TIMEOUTS) {
      throw new BackendFailure(backend, 'skipped for the rest of the run, as it does not respond', {
        outcome: 'nothing-done',
        skipped: true,
      });
    }
    try {
      return await send();
    } catch (error) {
      if (error instanceof BackendFailure && error.timedOut) timeouts += 1;
      throw error;
    }
  };
}

function withFewWarnings(scope: RequestScope): RequestScope {
  return {
    ...scope,
    warn: (what, error) => {
      if (scope.warnings.length < MAX_WARNINGS) scope.warn(what, error);
    },
  };
}

function isOverdue({ createdAt }: { createdAt: Timestamp }, now: Date): boolean {
  return now.getTime() - timestampMilliseconds(createdAt) >= TIME_LIMITS.operatorAfter;
}
