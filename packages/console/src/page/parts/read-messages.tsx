import type { Call } from '@provider-call/client';
import { endedCalls } from '../statistics.ts';
import { FailureNotice } from './failure-notice.tsx';
import type { ReadAnalyses } from './use-analyses.ts';

/** Offers to read the messages of calls, and shows the progress. */
export function ReadMessages({ calls, reading }: { calls: readonly Call[]; reading: ReadAnalyses }) {
  const { failure, progress, read } = reading;
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} onRetry={read} />}
      <p>
        <button type="button" onClick={read} disabled={progress !== undefined}>
          Read the messages of {endedCalls(calls).length} calls
        </button>{' '}
        {progress !== undefined && (
          <span role="status">
            {progress.done} of {progress.total}
          </span>
        )}
      </p>
    </>
  );
}
