import { analyzeCall, type CallAnalysis } from './analyze-call.ts';
import { type Proportion, wilsonInterval } from './intervals.ts';
import type { Call } from './platform-records.ts';

/** A figure and the number of calls that it is based on; without any calls it has no value. */
export type Sample = { value?: number; sampleSize: number };

export type ProviderStatistics = {
  /** Calls that have ended and were sent to the provider, or would have been but for it. */
  attempts: number;
  /** Calls left out: not ended, or stopped on our side (blocked, local). */
  excluded: number;
  /** Answer-seizure ratio (ITU-T E.411): answered calls among the attempts. */
  asr: Proportion;
  /** Network effectiveness ratio (ITU-T E.425): answered, busy, unanswered or declined by the phone, among the attempts. */
  ner: Proportion;
  /** Milliseconds, by nearest rank. */
  postDialDelayP50: Sample;
  postDialDelayP95: Sample;
  /** Milliseconds. */
  meanTalkTime: Sample;
  /** How often each final SIP status was the outcome, and for how many calls it is known. */
  sipStatusCounts: { counts: Record<string, number>; sampleSize: number };
};

/**
 * Returns a provider's statistics over calls, given as analyses or as Calls alone. Each figure is based on the calls in
 * which it was measured, and includes their number.
 */
export function providerStatistics(calls: readonly (CallAnalysis | Call)[]): ProviderStatistics {
  const analyses = calls.map((call) => ('steps' in call ? call : analyzeCall(call)));
  const counted = analyses.filter(
    ({ state, failure }) => state === 'hangup' && failure !== 'blocked' && failure !== 'local',
  );
  const answered = counted.filter(({ failure }) => failure === 'none').length;
  // A call that we gave up before it rang says nothing about the network.
  const tried = counted.filter((analysis) => analysis.failure !== 'cancelled' || rang(analysis));
  const effective = tried.filter(({ failure }) => EFFECTIVE.has(failure)).length;
  const delays = counted.flatMap(({ postDialDelayMs }) => postDialDelayMs ?? []);
  const talks = counted.flatMap(({ talkMs }) => talkMs ?? []);
  return {
    attempts: counted.length,
    excluded: analyses.length - counted.length,
    asr: wilsonInterval(answered, counted.length),
    ner: wilsonInterval(effective, tried.length),
    postDialDelayP50: percentile(delays, 50),
    postDialDelayP95: percentile(delays, 95),
    meanTalkTime: mean(talks),
    sipStatusCounts: countStatuses(counted),
  };
}

const EFFECTIVE: ReadonlySet<string> = new Set(['none', 'busy', 'no_answer', 'cancelled']);

function rang({ ringMs, postDialDelayMs }: CallAnalysis): boolean {
  return ringMs !== undefined || postDialDelayMs !== undefined;
}

/** Nearest rank. */
function percentile(values: number[], percent: number): Sample {
  const sorted = values.toSorted((left, right) => left - right);
  const value = sorted[Math.max(Math.ceil((percent / 100) * sorted.length), 1) - 1];
  return { ...(value === undefined ? {} : { value }), sampleSize: sorted.length };
}

function mean(values: number[]): Sample {
  if (values.length === 0) return { sampleSize: 0 };
  const sum = values.reduce((total, value) => total + value, 0);
  return { value: Math.round((sum / values.length) * 10) / 10, sampleSize: values.length };
}

function countStatuses(analyses: CallAnalysis[]): { counts: Record<string, number>; sampleSize: number } {
  const statuses = analyses.flatMap(({ sipStatus }) =>
    sipStatus === undefined || sipStatus < 200 ? [] : [String(sipStatus)],
  );
  const counts: Record<string, number> = {};
  for (const status of statuses.toSorted()) counts[status] = (counts[status] ?? 0) + 1;
  return { counts, sampleSize: statuses.length };
}
