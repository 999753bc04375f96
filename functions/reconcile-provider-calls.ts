import type { Context } from 'aws-lambda';
import { backendsFromEnvironment } from './backends/backend-environment.ts';
import { createCallBackend } from './backends/call-backend.ts';
import { createFlowBackend } from './backends/flow-backend.ts';
import { describeError, describeWarnings } from './log/describe-error.ts';
import { writeLogLine } from './log/log-line.ts';
import { reconcileProviderCalls } from './provider-calls/reconcile-provider-calls.ts';
import { storeFromEnvironment } from './provider-calls/store-environment.ts';
import { createRequestScope } from './request-scope.ts';

/** Milliseconds that must be left to begin with another record: as long as one can take when everything is slow. */
const RESERVE_MS = 45_000;

const backends = backendsFromEnvironment();
const collaborators = {
  store: storeFromEnvironment(),
  flowBackend: createFlowBackend(backends.flow()),
  callBackend: createCallBackend(backends.call()),
  now: () => new Date(),
};

/** Runs on a schedule: settles what creates left behind, and says what an operator has to look at. */
export const handler = async (_event: unknown, context: Context) => {
  const scope = createRequestScope(context.awsRequestId);
  try {
    const report = await reconcileProviderCalls(
      collaborators,
      scope,
      () => context.getRemainingTimeInMillis() > RESERVE_MS,
    );
    const { completed, removed, open, overdueIds, failedIds, finished } = report;
    writeLogLine(
      'reconcile',
      {
        level:
          overdueIds.length + failedIds.length > 0 ? 'error' : scope.warnings.length > 0 ? 'warn' : 'info',
        request_id: scope.requestId,
        completed,
        removed,
        open,
        finished,
        ...(overdueIds.length > 0 && {
          unsettled_after_a_day: overdueIds,
          what_to_do: 'see docs/operations.md, "Records that stay unconfirmed"',
        }),
        ...describeWarnings(scope),
      },
      {
        ReconcileRuns: 1,
        ReconcileFailures: failedIds.length,
        OpenRecords: open,
        UnsettledAfterDay: overdueIds.length,
      },
    );
    return report;
  } catch (error) {
    writeLogLine(
      'reconcile',
      { level: 'error', request_id: scope.requestId, error: describeError(error) },
      { ReconcileRuns: 1, ReconcileFailures: 1 },
    );
    throw error;
  }
};
