import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { embeddedMetrics, type Metrics } from './metrics.ts';

const { STAGE: stage } = readEnvironment(z.object({ STAGE: requiredVariable }));

let isColdStart = true;

/** True for the first call of a process, which is its first request. */
export const takeColdStart = (): boolean => {
  const first = isColdStart;
  isColdStart = false;
  return first;
};

/**
 * Writes one line of JSON with its metrics. Straight to standard output: `console.log` in Lambda puts a prefix before
 * the line, with which CloudWatch would not read the metrics.
 */
export const writeLogLine = (
  functionName: string,
  fields: Record<string, unknown>,
  metrics: Metrics,
): void => {
  const now = new Date();
  const line = { time: now.toISOString(), ...fields, ...embeddedMetrics(metrics, stage, functionName, now) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
