import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { embeddedMetrics, type Metrics } from './metrics.ts';
import type { Operation } from './operation.ts';

const { STAGE: stage } = readEnvironment(z.object({ STAGE: requiredVariable }));

/**
 * Writes one line of JSON with its metrics. Straight to standard output: `console.log` in Lambda puts a prefix before
 * the line, with which CloudWatch would not read the metrics.
 */
export const writeLogLine = (
  operation: Operation,
  fields: Record<string, unknown>,
  metrics: Metrics,
): void => {
  const now = new Date();
  const line = { time: now.toISOString(), ...fields, ...embeddedMetrics(metrics, stage, operation, now) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
