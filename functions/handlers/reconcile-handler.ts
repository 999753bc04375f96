import * as z from 'zod/mini';
import { describeWarnings } from '../log/describe-error.ts';
import { startLine } from '../log/log-line.ts';
import { type Completed, loggedHandler } from '../log/logged-handler.ts';
import type { SettleDeps } from '../provider-calls/ports.ts';
import { type ReconcileReport, reconcileProviderCalls } from '../provider-calls/reconcile-provider-calls.ts';
import { createRequestScope, type RequestScope } from '../request-scope.ts';

/** Milliseconds that must remain to start on another record: as long as one can take when everything is slow. */
const RESERVE_MS = 45_000;

/** How many records are settled at once: a backend that takes a second per request gets ten requests a second. */
const CONCURRENCY = 10;

/** How many ids a log line contains at most. */
const MAX_LOGGED_IDS = 20;

/** Returns the handler that runs on a schedule: it settles what creates left behind, and reports what needs an operator. */
export function reconcileHandler(deps: SettleDeps) {
  return loggedHandler(
    {
      schema: z.unknown(),
      startLine: () => startLine('reconcile'),
      failure: { metrics: { ReconcileRuns: 1, ReconcileFailures: 1 } },
    },
    async (_event, context) => {
      const scope = createRequestScope(context.awsRequestId);
      const hasTimeLeft = () => context.getRemainingTimeInMillis() > RESERVE_MS;
      const report = await reconcileProviderCalls(deps, scope, { hasTimeLeft, concurrency: CONCURRENCY });
      return { ...lineOf(report, scope), respond: () => report };
    },
  );
}

function lineOf(report: ReconcileReport, scope: RequestScope): Omit<Completed<never>, 'respond'> {
  const { completed, removed, open, overdueIds, ambiguousIds, failedIds, finished } = report;
  return {
    fields: {
      level: overdueIds.length + failedIds.length > 0 ? 'error' : scope.warnings.length > 0 ? 'warn' : 'info',
      completed,
      removed,
      open,
      finished,
      ...(overdueIds.length > 0 && {
        unsettled_after_a_day: overdueIds.slice(0, MAX_LOGGED_IDS),
        what_to_do: 'see docs/operations.md, "Records that stay unconfirmed"',
      }),
      ...(ambiguousIds.length > 0 && { ambiguous: ambiguousIds.slice(0, MAX_LOGGED_IDS) }),
      ...describeWarnings(scope),
    },
    metrics: {
      ReconcileRuns: 1,
      ReconcileFailures: failedIds.length,
      OpenRecords: open,
      UnsettledAfterDay: overdueIds.length,
      ReconcileUnfinished: finished ? 0 : 1,
      AmbiguousRecords: ambiguousIds.length,
      ...scope.metrics,
    },
  };
}
