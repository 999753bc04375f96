import * as z from 'zod/mini';
import { runSchedules } from '../packages/local/src/control.ts';
import { parseEnvironment } from '../packages/local/src/environment.ts';
import { StartError } from '../packages/local/src/start-error.ts';

/*
 * Runs reconcile now in the local system that serves PORT, and prints what it answered. In an account the same is
 * `aws lambda invoke` on the reconcile function.
 */

const runsSchema = z.array(
  z.object({ functionName: z.string(), result: z.looseObject({ ok: z.boolean() }) }),
);

try {
  const runs = runsSchema.parse(JSON.parse(await runSchedules(parseEnvironment(process.env).PORT)));
  for (const { functionName, result } of runs) console.log(`${functionName} ${JSON.stringify(result)}`);
  if (!runs.every(({ result }) => result.ok)) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
