import type { Actor } from '../provider-calls/provider-call.ts';
import { startStopwatch } from '../stopwatch.ts';
import { writeLogLine } from './log-line.ts';
import type { Metrics } from './metrics.ts';
import type { Operation } from './operation.ts';

let isColdStart = true;

/** Milliseconds with one decimal, which is as much as a log reader wants. */
export const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

/** An actor as log lines name it. */
export const actorText = ({ type, id }: Actor): string => `${type}:${id}`;

/** Begins the log line of a request: what is written later has the time since, and whether it is the process's first. */
export const startLine = (operation: Operation) => {
  const elapsed = startStopwatch();
  const coldStart = isColdStart;
  isColdStart = false;
  return {
    write: (fields: Record<string, unknown>, metrics: Metrics): void => {
      const latency = rounded(elapsed());
      writeLogLine(
        operation,
        { ...fields, latency_ms: latency, cold_start: coldStart },
        { Requests: 1, Latency: latency, ColdStarts: coldStart ? 1 : 0, ...metrics },
      );
    },
  };
};
