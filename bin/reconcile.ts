import { runSchedules } from '@provider-call/local/control';
import { parseEnvironment } from '@provider-call/local/environment';
import * as z from 'zod/mini';
import { runScript, UsageError } from './run-script.ts';

const USAGE = `Runs reconcile now in the local system, which does so every five minutes by itself, and says what it did.

npm run -s reconcile
PORT=3001 npm run -s reconcile

In an AWS account, use \`aws lambda invoke\` on the reconcile function instead (docs/operations.md).`;

const runsSchema = z.array(
  z.object({
    functionName: z.string(),
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), payload: z.string() }),
      z.object({
        ok: z.literal(false),
        error: z.object({ errorType: z.string(), errorMessage: z.string() }),
      }),
    ]),
  }),
);

/** What the reconcile function returns. */
const reportSchema = z.object({
  completed: z.number(),
  removed: z.number(),
  open: z.number(),
  overdueIds: z.array(z.string()),
  ambiguousIds: z.array(z.string()),
  failedIds: z.array(z.string()),
  finished: z.boolean(),
});

await runScript(USAGE, [], async ({ positionals }) => {
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not an option; see --help`);
  const runs = runsSchema.parse(JSON.parse(await runSchedules(parseEnvironment(process.env).PORT)));
  for (const { functionName, result } of runs) {
    if (result.ok) {
      console.log(describeReport(reportSchema.parse(JSON.parse(result.payload))));
    } else {
      console.error(`${functionName} failed: ${result.error.errorMessage}; the system's log says why`);
      process.exitCode = 1;
    }
  }
});

function describeReport(report: z.infer<typeof reportSchema>): string {
  const { completed, removed, open, overdueIds, ambiguousIds, failedIds, finished } = report;
  const outcomes = [
    completed > 0 && `${records(completed)} completed: the calls had been placed.`,
    removed > 0 && `${records(removed)} removed: nothing had been dialled.`,
    open > 0 && `${records(open)} still unconfirmed: the call backend cannot say yet. They are tried again.`,
    ambiguousIds.length > 0 &&
      `Several sets of calls match, see docs/operations.md: ${ambiguousIds.join(', ')}`,
    overdueIds.length > 0 && `Open for more than a day, see docs/operations.md: ${overdueIds.join(', ')}`,
    failedIds.length > 0 && `Could not be read or written, see the system's log: ${failedIds.join(', ')}`,
    !finished && 'The run ended before all was done: run it again.',
  ].filter((sentence) => sentence !== false);
  return outcomes.length === 0 ? 'Nothing was due: every create has finished.' : outcomes.join('\n');
}

function records(count: number): string {
  return count === 1 ? '1 record' : `${count} records`;
}
