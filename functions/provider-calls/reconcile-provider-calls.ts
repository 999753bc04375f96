import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import type { Due } from './provider-call-store.ts';
import { hasOutlivedCreate, type SettleCollaborators, settleProviderCall } from './settle-provider-call.ts';
import type { StoredProviderCall } from './stored-provider-call.ts';
import { timeLimits } from './time-limits.ts';

/** What a run did: how many records it completed, removed and left open, and which of those are an operator's matter. */
export type ReconcileReport = {
  completed: number;
  removed: number;
  open: number;
  /** Ids of what has been open for longer than a day. */
  overdueIds: string[];
  /** Ids at which the table failed, or whose items are not of our shape. */
  failedIds: string[];
  /** False when the run ended with work left that was due. */
  finished: boolean;
};

/** Records a run asks for at once. */
const BATCH = 25;

const isOverdue = ({ createdAt }: StoredProviderCall, now: Date) =>
  now.getTime() - timestampMilliseconds(createdAt) >= timeLimits.operatorAfter;

/** Settles one id and counts what came of it. A failure is noted and left to the next run: the others must not wait for it. */
const settleOne = async (
  collaborators: SettleCollaborators,
  scope: RequestScope,
  id: string,
  report: ReconcileReport,
): Promise<void> => {
  const { store, now } = collaborators;
  try {
    const stored = await store.get(id);
    // The index lags behind: what stands under the id now may be settled, or be a later attempt that is still at work.
    if (stored === undefined || stored.state === 'placed' || !hasOutlivedCreate(stored, now())) return;
    const settlement = await settleProviderCall(collaborators, scope, stored);
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
};

/**
 * Settles what creates left behind: page by page through what is due, the longest due first, to its end, or until
 * `mayGoOn` says that the run has had its time. Each page begins where the last one ended, so that what stays due,
 * such as an item at which the table fails, never stands in the way of the rest.
 */
export const reconcileProviderCalls = async (
  collaborators: SettleCollaborators,
  scope: RequestScope,
  mayGoOn: () => boolean,
): Promise<ReconcileReport> => {
  const { store, now } = collaborators;
  const report: ReconcileReport = {
    completed: 0,
    removed: 0,
    open: 0,
    overdueIds: [],
    failedIds: [],
    finished: false,
  };
  const until = formatTimestamp(now());
  let last: Due | undefined;
  while (mayGoOn()) {
    const page = await store.listDue(until, BATCH, last);
    for (const { id } of page) {
      if (!mayGoOn()) return report;
      await settleOne(collaborators, scope, id, report);
    }
    last = page.at(-1);
    if (last === undefined) {
      report.finished = true;
      break;
    }
  }
  return report;
};
