import { type Provider, warningsOf } from '@provider-call/client';
import { readText, writeOutput } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { destinationOf } from '../evidence-of.ts';
import { findProvider } from '../find.ts';
import { createInterrupts } from '../interrupts.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { type Comparison, comparisonText } from '../statistics.ts';
import { tableLines } from '../table.ts';
import { checkRunId, newRunId, type Plan, parsePlan, plannedCalls, requestFor } from '../verify/plan.ts';
import {
  type BaselineProvider,
  compareWithBaseline,
  parseBaseline,
  reportOfRun,
  VERIFY_COLUMNS,
  type VerifyReport,
  verifyCsv,
  verifyJunit,
} from '../verify/report.ts';
import { type CallResult, type Run, runPlan } from '../verify/run.ts';

export type VerifyInput = {
  plan: string;
  yes?: boolean;
  resume?: string;
  baseline?: string;
  jsonFile?: string;
  csvFile?: string;
  junitFile?: string;
  json?: boolean;
};

/**
 * Places a plan's calls and reports whether each ended as expected.
 *
 * 1. Read the plan and the baseline, and find the providers. 2. State how many billed calls there are; go on only with
 *   `--yes`. 3. Place the calls and wait for them to end. 4. Report, write the requested files, and compare with the
 *   baseline.
 *
 * @returns 0 if everything is as expected and no provider is significantly worse than in the baseline, else 1
 */
export async function verifyPlan(session: Session, input: VerifyInput): Promise<number> {
  const { terminal } = session;
  const plan = parsePlan(await readText(terminal, input.plan), input.plan);
  const baseline = await readBaseline(session, input);
  if (input.resume !== undefined) checkRunId(plan, input.resume);
  const providers = await findProviders(session, plan);
  const run = input.resume ?? newRunId(plan);

  await statePrice(session, plan, providers, input);
  await checkFiles(input);
  const resume = `providercall verify ${input.plan} --yes --resume ${run}`;
  terminal.note(`run ${run}; if it is interrupted: ${resume}`);
  const { results, open } = await runWithInterrupts(session, plan, run, providers, resume);

  const report = reportOfRun(plan, run, results, open);
  await writeFiles(report, input);
  const comparisons = baseline && compareWithBaseline(report, baseline);
  if (input.json) {
    terminal.print(
      JSON.stringify(
        { ...report, ...(comparisons && { comparisons: Object.fromEntries(comparisons) }) },
        null,
        2,
      ),
    );
  } else printReport(session, report);
  if (comparisons !== undefined) printComparisons(session, report, comparisons, input);
  const isWorse = [...(comparisons?.values() ?? [])].flat().some((comparison) => comparison.isWorse);
  if (open > 0) {
    terminal.note(`${open} calls are open; to continue: ${resume}`);
    return EXIT.interrupted;
  }
  return isWorse || report.calls.some(({ as_expected }) => !as_expected) ? EXIT.notAsExpected : EXIT.ok;
}

/** Returns the providers of the report to compare with, or undefined without `--baseline`. */
async function readBaseline(
  { terminal }: Session,
  { baseline: file }: VerifyInput,
): Promise<BaselineProvider[] | undefined> {
  return file === undefined ? undefined : parseBaseline(await readText(terminal, file), file);
}

async function findProviders(session: Session, plan: Plan): Promise<Map<string, Provider>> {
  const providers = new Map<string, Provider>();
  for (const name of new Set(plan.calls.map(({ provider }) => provider))) {
    const provider = await findProvider(session, name);
    if (provider.tm_delete !== null)
      throw new CliError(
        EXIT.usage,
        `provider ${plainLine(name)} is deleted: choose another one in the plan`,
      );
    providers.set(name, provider);
  }
  return providers;
}

/** @throws {CliError} 2 without `--yes` */
async function statePrice(
  { terminal }: Session,
  plan: Plan,
  providers: ReadonlyMap<string, Provider>,
  { yes, resume }: VerifyInput,
): Promise<void> {
  const calls = plannedCalls(plan);
  const warnings = new Set(
    calls.flatMap((planned) => warningsOf(requestFor(plan, planned, '')).map(({ message }) => message)),
  );
  for (const warning of warnings)
    terminal.note(`${terminal.style('yellow', 'warning:')} ${plainLine(warning)}`);
  const several = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const price = `${several(calls.length, 'real, billed call')} through ${several(new Set(providers.values()).size, 'provider')}, ${plan.callsPerSecond} per second`;
  if (!yes) throw new CliError(EXIT.usage, `this plan places ${price}: add --yes to place them`);
  terminal.note(
    `placing ${price}${resume === undefined ? '' : '; those that this run placed before are not dialled again'}`,
  );
}

async function runWithInterrupts(
  session: Session,
  plan: Plan,
  run: string,
  providers: ReadonlyMap<string, Provider>,
  resume: string,
): Promise<Run> {
  const { terminal } = session;
  const interrupts = createInterrupts();
  interrupts.signal.addEventListener('abort', () => {
    terminal.note(
      `no further call is placed; waiting for those that were (Ctrl-C again leaves at once). To continue: ${resume}`,
    );
  });
  const total = plannedCalls(plan).length;
  try {
    return await runPlan(session, {
      plan,
      run,
      providers,
      signal: interrupts.signal,
      abandon: interrupts.second,
      onResult: (result) => terminal.note(progressText(session, result, total)),
    });
  } catch (error) {
    terminal.note(`to continue: ${resume}`);
    throw error;
  } finally {
    interrupts.release();
  }
}

function progressText(
  { terminal }: Session,
  { index, providerName, destination, evidence, deviation }: CallResult,
  total: number,
): string {
  const where = evidence === undefined ? plainLine(destination) : destinationOf(evidence.call);
  const mark =
    deviation === undefined ? terminal.style('green', 'as expected') : terminal.style('red', deviation);
  return `${index + 1}/${total} ${plainLine(providerName)} ${where}: ${mark}`;
}

function printReport({ terminal }: Session, report: VerifyReport): void {
  for (const line of tableLines(report.providers, VERIFY_COLUMNS, terminal)) terminal.print(line);
  for (const { index, provider, destination, deviation, analysis, record_id } of report.calls) {
    if (deviation === undefined) continue;
    terminal.print(
      `call ${index + 1}, ${plainLine(provider)} ${plainLine(destination)}: ${plainLine(deviation)}${record_id === undefined ? '' : ` (record ${record_id})`}`,
    );
    if (analysis !== undefined) terminal.print(`  ${plainLine(analysis.verdict)}`);
  }
}

/** Prints how each provider compares with the baseline; notes which of them it does not have. */
function printComparisons(
  { terminal }: Session,
  { providers }: VerifyReport,
  comparisons: ReadonlyMap<string, readonly Comparison[]>,
  { json }: VerifyInput,
): void {
  for (const { id, name } of providers) {
    const isShared = providers.filter((other) => other.name === name).length > 1;
    const label = plainLine(name === '' ? id : isShared ? `${name} (${id})` : name);
    const own = comparisons.get(id);
    if (own === undefined) terminal.note(`${label} is not in the baseline: nothing to compare it with`);
    if (own === undefined || json) continue;
    for (const comparison of own) {
      terminal.print(`${label} against the baseline, ${comparisonText(comparison)}`);
    }
  }
}

async function writeFiles(
  report: VerifyReport,
  { jsonFile, csvFile, junitFile }: VerifyInput,
): Promise<void> {
  if (jsonFile !== undefined) await writeOutput(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  if (csvFile !== undefined) await writeOutput(csvFile, verifyCsv(report));
  if (junitFile !== undefined) await writeOutput(junitFile, verifyJunit(report));
}

/** Checks the files before money is spent on a report that cannot be written. */
async function checkFiles({ jsonFile, csvFile, junitFile }: VerifyInput): Promise<void> {
  for (const file of [jsonFile, csvFile, junitFile]) {
    if (file !== undefined) await writeOutput(file, '', 'a');
  }
}
