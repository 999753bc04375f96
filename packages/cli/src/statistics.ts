import {
  type CallAnalysis,
  type Difference,
  newcombeDifference,
  type Proportion,
  type ProviderStatistics,
  providerStatistics,
  type Sample,
} from '@provider-call/evidence';
import type { Column } from './table.ts';

/** A provider and the statistics of its calls. */
export type ProviderReport = { id: string; name: string; statistics: ProviderStatistics };

/** Returns the statistics of a provider over the analyses of its calls. */
export function reportOf(
  { id, name }: { id: string; name: string },
  analyses: CallAnalysis[],
): ProviderReport {
  return { id, name, statistics: providerStatistics(analyses) };
}

/** The columns of `compare`, and of `verify` around its own. */
export const STATISTICS_COLUMNS: Column<ProviderReport>[] = [
  { title: 'provider', value: ({ name, id }) => name || id },
  { title: 'attempts', align: 'right', value: ({ statistics }) => String(statistics.attempts) },
  { title: 'ASR (95 % interval)', value: ({ statistics }) => proportionText(statistics.asr) },
  { title: 'NER (95 % interval)', value: ({ statistics }) => proportionText(statistics.ner) },
  { title: 'PDD p50', value: ({ statistics }) => sampleText(statistics.postDialDelayP50) },
  { title: 'PDD p95', value: ({ statistics }) => sampleText(statistics.postDialDelayP95) },
  { title: 'mean talk', value: ({ statistics }) => sampleText(statistics.meanTalkTime) },
  { title: 'SIP statuses', value: ({ statistics }) => statusText(statistics) },
];

/** Returns successes, total, and the confidence interval of the proportion. */
export function proportionText({ successes, total, value, lower, upper }: Proportion): string {
  if (value === undefined) return 'no calls';
  return `${successes}/${total}, ${percent(lower)} to ${percent(upper)} %`;
}

function sampleText({ value, sampleSize }: Sample): string {
  return value === undefined ? '-' : `${(value / 1000).toFixed(2)} s (n=${sampleSize})`;
}

function statusText({ sipStatusCounts: { counts, sampleSize } }: ProviderStatistics): string {
  const statuses = Object.entries(counts).map(([status, count]) => `${count}×${status}`);
  return sampleSize === 0 ? '-' : `${statuses.join(' ')} (n=${sampleSize})`;
}

/** A proportion compared with that of another provider or time. */
export type Comparison = { name: string; difference: Difference; isWorse: boolean };

/** Compares two proportions by Newcombe's interval: worse only if the whole interval is below zero. */
export function compareProportions(name: string, now: Proportion, reference: Proportion): Comparison {
  const difference = newcombeDifference(now, reference);
  return { name, difference, isWorse: difference.significant && difference.upper < 0 };
}

/** Returns a comparison as one line: the difference, its interval, and whether it is significant. */
export function comparisonText({
  name,
  difference: { value, lower, upper, significant },
  isWorse,
}: Comparison): string {
  if (value === undefined) return `${name}: no calls to compare`;
  const interval = `${name}: ${signedPercent(value)} percentage points, 95 % interval ${signedPercent(lower)} to ${signedPercent(upper)}`;
  return `${interval}: ${isWorse ? 'significantly worse' : significant ? 'significantly better' : 'no significant difference'}`;
}

function percent(proportion: number): string {
  return (proportion * 100).toFixed(0);
}

function signedPercent(proportion: number): string {
  const text = (proportion * 100).toFixed(0);
  return proportion > 0 && text !== '0' ? `+${text}` : text.replace(/^-0$/, '0');
}
