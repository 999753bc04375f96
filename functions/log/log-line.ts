import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { startStopwatch } from '../request-scope.ts';
import { embeddedMetrics, type Metrics } from './metrics.ts';
import type { Operation } from './operation.ts';

/** What a log line says besides its time and metrics. */
export type LogFields = Record<string, unknown>;

/** The log line of an invocation that has begun. */
export type LogLine = { write(fields: LogFields, metrics: Metrics): void };

const { STAGE: stage } = readEnvironment(z.object({ STAGE: requiredVariable }));

/** Lambda sets it; on one machine there are no versions. */
const { AWS_LAMBDA_FUNCTION_VERSION: version = 'local' } = process.env;

let isColdStart = true;

/** Begins the log line of a request. The line has the time from here on, and whether the request is the process's first. */
export function startRequestLine(operation: Operation): LogLine {
  const elapsed = startStopwatch();
  const coldStart = isColdStart;
  isColdStart = false;
  return {
    write: (fields, metrics) => {
      const latency = rounded(elapsed());
      writeLogLine(
        operation,
        { ...fields, latency_ms: latency, cold_start: coldStart },
        { ColdStarts: +coldStart, ...metrics },
      );
    },
  };
}

/** Begins the log line of an invocation that is not a request. */
export function startLine(operation: Operation): LogLine {
  return { write: (fields, metrics) => writeLogLine(operation, fields, metrics) };
}

/**
 * Writes one line of JSON with its metrics. Straight to standard output: `console.log` in Lambda puts a prefix before
 * the line, with which CloudWatch would not read the metrics.
 */
function writeLogLine(operation: Operation, fields: LogFields, metrics: Metrics): void {
  const now = new Date();
  const line = {
    time: now.toISOString(),
    ...fields,
    ...embeddedMetrics(metrics, stage, operation, version, now),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Returns milliseconds with one decimal, which is precise enough for a log. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
