import type { ProviderCallId } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import { type SettleDeps, TIME_LIMITS } from './ports.ts';
import type { UnsettledProviderCall } from './provider-call.ts';
import type { Due } from './provider-call-store.ts';
import { hasOutlivedCreate, settleProviderCall } from './settle-provider-call.ts';

export type ReconcileInput = {
  /** Whether there is time for another record. */
  hasTimeLeft: () => boolean;
};

/** What a run did: how many records it completed, removed and left open, and which of those need an operator. */
export type ReconcileReport = {
  completed: number;
  removed: number;
  open: number;
  /** Ids of what has been open for longer than a day. */
  overdueIds: ProviderCallId[];
  /** Ids at which the table failed, or whose items are not of our shape. */
  failedIds: ProviderCallId[];
  /** False when the run ended with due records left. */
  finished: boolean;
};

/** How many due records a run reads at once. */
const PAGE_SIZE = 25;

/**
 * Settles what creates left behind: page by page through what is due, the longest due first, to its end, or until no
 * time is left. Each page begins where the last one ended, so that what stays due, such as an item at which the table
 * fails, never blocks the rest.
 */
export async function reconcileProviderCalls(
  deps: SettleDeps,
  scope: RequestScope,
  { hasTimeLeft }: ReconcileInput,
): Promise<ReconcileReport> {
  const { store, now } = deps;
  const report: ReconcileReport = {
    completed: 0,
    removed: 0,
    open: 0,
    overdueIds: [],
    failedIds: [],
    finished: false,
  };
  const startedAt = formatTimestamp(now());
  let last: Due | undefined;
  while (hasTimeLeft()) {
    const page = await store.listDue({ now: startedAt, limit: PAGE_SIZE, after: last });
    for (const { id } of page) {
      if (!hasTimeLeft()) return report;
      await settleOne(deps, scope, id, report);
    }
    last = page.at(-1);
    if (last === undefined) {
      report.finished = true;
      break;
    }
  }
  return report;
}

/** Settles one id and counts the result. A failure is noted and left to the next run: the others must not wait for it. */
async function settleOne(
  deps: SettleDeps,
  scope: RequestScope,
  id: ProviderCallId,
  report: ReconcileReport,
): Promise<void> {
  const { store, now } = deps;
  try {
    const stored = await store.get(id);
    // The index lags behind: what exists under the id now may be settled, or be a later attempt that is still at work.
    if (stored === undefined || stored.state === 'placed' || !hasOutlivedCreate(stored, now())) return;
    const settlement = await settleProviderCall(deps, scope, stored);
    if (settlement.kind === 'placed') report.completed += 1;
    else if (settlement.kind === 'gone') report.removed += 1;
    else {
      report.open += 1;
      if (isOverdue(stored, now())) report.overdueIds.push(id);
    }
  } catch (error) {
    report.failedIds.push(id);
    scope.warn(`ProviderCall ${id} could not be settled`, error);
  }
}

function isOverdue({ createdAt }: UnsettledProviderCall, now: Date): boolean {
  return now.getTime() - timestampMilliseconds(createdAt) >= TIME_LIMITS.operatorAfter;
}
