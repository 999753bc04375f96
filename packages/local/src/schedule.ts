import { randomUUID } from 'node:crypto';
import type { InvocationResult } from './lambda/function-instance.ts';
import type { FunctionPool } from './lambda/function-pool.ts';
import { StartError } from './start-error.ts';
import type { StackLocation } from './template/location.ts';
import type { ScheduleDefinition } from './template/schedules.ts';

export type LocalSchedule = {
  /** Runs every scheduled function once, now, and waits for it. */
  runNow(): Promise<{ functionName: string; result: InvocationResult }[]>;
  close(): void;
};

/**
 * Runs functions at the rate of their EventBridge rules, from one interval after the start.
 *
 * @throws {StartError} when a rule names a function that the template does not contain
 */
export function startSchedule(
  schedules: readonly ScheduleDefinition[],
  functions: ReadonlyMap<string, FunctionPool>,
  location: StackLocation,
): LocalSchedule {
  const runs = schedules.map((schedule) => {
    const pool = functions.get(schedule.functionArn);
    if (pool === undefined)
      throw new StartError(`the template does not contain the function ${schedule.functionArn}`);
    const run = () => pool.invoke(eventOf(schedule, location));
    return { pool, run, timer: setInterval(run, schedule.everyMs) };
  });
  return {
    runNow: () =>
      Promise.all(
        runs.map(async ({ pool, run }) => ({ functionName: pool.functionName, result: await run() })),
      ),
    close() {
      for (const { timer } of runs) clearInterval(timer);
    },
  };
}

/** Returns the event of a scheduled rule (EventBridge User Guide), or the input that the template specifies. */
function eventOf({ arn, input }: ScheduleDefinition, location: StackLocation): unknown {
  if (input !== undefined) return JSON.parse(input);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: location.accountId,
    time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    region: location.region,
    resources: [arn],
    detail: {},
  };
}
