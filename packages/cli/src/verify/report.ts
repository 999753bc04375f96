import { type CallAnalysis, type Proportion, wilsonInterval } from '@provider-call/evidence';
import { parseJson } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { seconds } from '../evidence-of.ts';
import {
  type Comparison,
  compareProportions,
  type ProviderReport,
  proportionText,
  reportOf,
  STATISTICS_COLUMNS,
} from '../statistics.ts';
import { type Column, csvText } from '../table.ts';
import { outcomeInPlan } from './judge.ts';
import type { Expectation, Plan } from './plan.ts';
import type { CallResult } from './run.ts';

/** A provider's statistics within a run, and how many of its calls were as expected. */
export type VerifiedProvider = ProviderReport & { asExpected: Proportion };

/** What `--json` prints and `--json-file` writes; the format of a baseline. */
export type VerifyReport = {
  plan: string;
  run: string;
  /** The number of calls that were not placed, or may not have been. */
  open: number;
  providers: VerifiedProvider[];
  calls: ReportedCall[];
};

type ReportedCall = {
  index: number;
  provider_id: string;
  provider: string;
  destination: string;
  expect: Expectation;
  as_expected: boolean;
  deviation?: string;
  outcome?: string;
  record_id?: string;
  call_id?: string;
  analysis?: Omit<CallAnalysis, 'steps'>;
};

/** Returns the report on a run: its calls, and the statistics of each provider. */
export function reportOfRun(
  plan: Plan,
  run: string,
  results: readonly CallResult[],
  open: number,
): VerifyReport {
  const ids = [...new Set(results.map(({ providerId }) => providerId))];
  return {
    plan: plan.name ?? 'providercall verify',
    run,
    open,
    providers: ids.map((id) => {
      const own = results.filter(({ providerId }) => providerId === id);
      const analyses = own.flatMap(({ evidence }) => evidence?.analysis ?? []);
      const good = own.filter(({ deviation }) => deviation === undefined).length;
      return {
        ...reportOf({ id, name: own[0]?.providerName ?? id }, analyses),
        asExpected: wilsonInterval(good, own.length),
      };
    }),
    calls: results.map((result) => reportedCall(result, plan)),
  };
}

function reportedCall(
  { index, providerId, providerName, destination, expect, deviation, recordId, evidence }: CallResult,
  plan: Plan,
): ReportedCall {
  const base: ReportedCall = {
    index,
    provider_id: providerId,
    provider: providerName,
    destination,
    expect,
    as_expected: deviation === undefined,
    ...(deviation !== undefined && { deviation }),
    ...(recordId !== undefined && { record_id: recordId }),
  };
  if (evidence === undefined) return base;
  const { steps: _steps, ...analysis } = evidence.analysis;
  return { ...base, outcome: outcomeInPlan(evidence.analysis, plan), call_id: evidence.call.id, analysis };
}

/** The columns of the table that `verify` prints. */
export const VERIFY_COLUMNS: Column<VerifiedProvider>[] = [
  ...STATISTICS_COLUMNS.slice(0, 1),
  { title: 'as expected (95 % interval)', value: ({ asExpected }) => proportionText(asExpected) },
  ...STATISTICS_COLUMNS.slice(1),
];

const CALL_COLUMNS: Column<ReportedCall>[] = [
  { title: 'index', value: ({ index }) => String(index) },
  { title: 'provider_id', value: ({ provider_id }) => provider_id },
  { title: 'provider', value: ({ provider }) => provider },
  { title: 'destination', value: ({ destination }) => destination },
  { title: 'expected', value: ({ expect }) => expectationText(expect) },
  { title: 'as_expected', value: ({ as_expected }) => String(as_expected) },
  { title: 'deviation', value: ({ deviation }) => deviation ?? '' },
  { title: 'outcome', value: ({ outcome }) => outcome ?? '' },
  { title: 'sip_status', value: ({ analysis }) => numberText(analysis?.sipStatus) },
  { title: 'post_dial_delay_ms', value: ({ analysis }) => numberText(analysis?.postDialDelayMs) },
  { title: 'ring_ms', value: ({ analysis }) => numberText(analysis?.ringMs) },
  { title: 'talk_ms', value: ({ analysis }) => numberText(analysis?.talkMs) },
  { title: 'record_id', value: ({ record_id }) => record_id ?? '' },
  { title: 'call_id', value: ({ call_id }) => call_id ?? '' },
];

/** Returns the report as CSV: one line for each call. */
export function verifyCsv({ calls }: VerifyReport): string {
  return csvText(calls, CALL_COLUMNS);
}

/** Returns the report as JUnit XML: a suite for each provider, a test case for each call. */
export function verifyJunit({ plan, run, providers, calls }: VerifyReport): string {
  const suites = providers.map(({ id, name }) => {
    const own = calls.filter(({ provider_id }) => provider_id === id);
    const failed = own.filter(({ as_expected }) => !as_expected).length;
    const cases = own.map(({ index, destination, expect, deviation, analysis }) => {
      const opening = `    <testcase classname="${xml(name)}" name="${xml(`${index + 1}: ${destination} is ${expectationText(expect)}`)}"`;
      if (deviation === undefined) return `${opening}/>`;
      const verdict = analysis === undefined ? '' : xml(analysis.verdict);
      return `${opening}>\n      <failure message="${xml(deviation)}">${verdict}</failure>\n    </testcase>`;
    });
    return [
      `  <testsuite name="${xml(name)}" tests="${own.length}" failures="${failed}" errors="0">`,
      ...cases,
      '  </testsuite>',
    ].join('\n');
  });
  const failures = calls.filter(({ as_expected }) => !as_expected).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`${plan} ${run}`)}" tests="${calls.length}" failures="${failures}">`,
    ...suites,
    '</testsuites>\n',
  ].join('\n');
}

function expectationText({ outcome, sipStatus, maxPostDialDelayMs }: Expectation): string {
  return [
    ...(outcome === undefined ? [] : [outcome.replace('_', ' ')]),
    ...(sipStatus === undefined ? [] : [`SIP ${sipStatus}`]),
    ...(maxPostDialDelayMs === undefined ? [] : [`ringing within ${seconds(maxPostDialDelayMs)}`]),
  ].join(', ');
}

function numberText(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function xml(text: string): string {
  return (
    text
      // XML 1.0 does not allow control characters, not even escaped.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/**
 * Compares a run with an earlier one, provider by provider: how many calls were as expected, and how many reached the
 * network. Returns the comparisons by the provider's id; a provider that the baseline does not have is absent.
 */
export function compareWithBaseline(
  { providers }: VerifyReport,
  baseline: readonly BaselineProvider[],
): Map<string, Comparison[]> {
  const comparisons = new Map<string, Comparison[]>();
  for (const provider of providers) {
    const before = baseline.find(({ id }) => id === provider.id) ?? namesakeOf(provider, providers, baseline);
    if (before === undefined) continue;
    comparisons.set(provider.id, [
      compareProportions('as expected', provider.asExpected, before.asExpected),
      compareProportions('reached the network (NER)', provider.statistics.ner, before.ner),
    ]);
  }
  return comparisons;
}

/**
 * Returns the provider of the same name, because another installation has other ids, or undefined if the name does not
 * tell which one it is.
 */
function namesakeOf(
  { name }: VerifiedProvider,
  providers: readonly VerifiedProvider[],
  baseline: readonly BaselineProvider[],
): BaselineProvider | undefined {
  const hasName = (provider: { name: string }) => provider.name === name;
  const [namesake, ...others] = baseline.filter(hasName);
  const isUnique = name !== '' && others.length === 0 && providers.filter(hasName).length === 1;
  return isUnique && !providers.some(({ id }) => id === namesake?.id) ? namesake : undefined;
}

/** What a baseline says about a provider. */
export type BaselineProvider = { id: string; name: string; asExpected: Proportion; ner: Proportion };

/**
 * Returns the providers in the report on an earlier run.
 *
 * @throws {CliError} 2 if the text is not a report written by verify
 */
export function parseBaseline(text: string, name: string): BaselineProvider[] {
  const baseline = providersIn(parseJson(text, name));
  if (baseline === undefined)
    throw new CliError(EXIT.usage, `${name} is not a report that --json-file wrote`);
  return baseline;
}

function providersIn(baseline: unknown): BaselineProvider[] | undefined {
  const providers = fieldOf(baseline, 'providers');
  if (!Array.isArray(providers)) return undefined;
  const found: BaselineProvider[] = [];
  for (const provider of providers) {
    const [id, name] = [fieldOf(provider, 'id'), fieldOf(provider, 'name')];
    const asExpected = proportionIn(fieldOf(provider, 'asExpected'));
    const ner = proportionIn(fieldOf(fieldOf(provider, 'statistics'), 'ner'));
    if (typeof id !== 'string' || typeof name !== 'string' || asExpected === undefined || ner === undefined)
      return undefined;
    found.push({ id, name, asExpected, ner });
  }
  return found;
}

/** Reads only the counts, from which the interval follows. */
function proportionIn(value: unknown): Proportion | undefined {
  const [successes, total] = [fieldOf(value, 'successes'), fieldOf(value, 'total')];
  const isCount = (count: unknown): count is number =>
    typeof count === 'number' && Number.isInteger(count) && count >= 0;
  return isCount(successes) && isCount(total) && successes <= total
    ? wilsonInterval(successes, total)
    : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
