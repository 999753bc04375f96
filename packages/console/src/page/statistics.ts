import type { Call } from '@provider-call/client';
import {
  analyzeCall,
  type Difference,
  newcombeDifference,
  type Proportion,
  type ProviderStatistics,
  providerStatistics,
  type Sample,
  type SipAnalysis,
} from '@provider-call/evidence';
import { isEnded } from './api.ts';
import { durationText } from './time.ts';

/** A figure of two providers. Only proportions have a difference that is worth a statement. */
export type FigureComparison = FigureKind & { figures: [FigureValue, FigureValue]; difference?: string };

type FigureKind = { name: string; meaning: string };

/** A figure as shown: its value, its interval if it is a proportion, and what it is based on. */
export type FigureValue = { value: string; interval?: string; basis: string; proportion?: Proportion };

const FIGURES: readonly (FigureKind & { read(statistics: ProviderStatistics): FigureValue })[] = [
  {
    name: 'ASR',
    meaning: 'Answer-seizure ratio (ITU-T E.411): calls that were answered',
    read: ({ asr }) => ratio(asr),
  },
  {
    name: 'NER',
    meaning: 'Network effectiveness ratio (ITU-T E.425): calls that reached a phone, answered or not',
    read: ({ ner }) => ratio(ner),
  },
  {
    name: 'Post-dial delay, median',
    meaning: 'From dialing to ringing',
    read: ({ postDialDelayP50 }) => duration(postDialDelayP50),
  },
  {
    name: 'Post-dial delay, 95%',
    meaning: '19 of 20 calls rang within this time',
    read: ({ postDialDelayP95 }) => duration(postDialDelayP95),
  },
  {
    name: 'Talk time, mean',
    meaning: 'From the answer to the end',
    read: ({ meanTalkTime }) => duration(meanTalkTime),
  },
];

/** Messages by call id; undefined if nothing was captured. */
export type Analyses = ReadonlyMap<string, SipAnalysis | undefined>;

/** Returns the statistics of calls, based on their own timestamps, or on their messages if those have been read. */
export function statisticsOf(calls: readonly Call[], analyses?: Analyses): ProviderStatistics {
  return providerStatistics(calls.map((call) => analyzeCall(call, analyses?.get(call.id))));
}

/** Returns the figures of a provider, in the order in which they are shown. */
export function figuresOf(statistics: ProviderStatistics): (FigureKind & FigureValue)[] {
  return FIGURES.map(({ name, meaning, read }) => ({ name, meaning, ...read(statistics) }));
}

/** Returns the figures of two providers side by side, in the order in which they are shown. */
export function compareFigures(first: ProviderStatistics, second: ProviderStatistics): FigureComparison[] {
  return FIGURES.map(({ name, meaning, read }) => {
    const [a, b] = [read(first), read(second)];
    return {
      name,
      meaning,
      figures: [a, b],
      ...(a.proportion && b.proportion && { difference: differenceText(a.proportion, b.proportion) }),
    };
  });
}

/** Returns the calls whose messages can be read: those that have ended. */
export function endedCalls(calls: readonly Call[]): Call[] {
  return calls.filter(isEnded);
}

/** Returns a proportion as a percentage: `87%`. */
export function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}

/** Returns the difference between two providers in a proportion, and whether it may be due to chance. */
function differenceText(first: Proportion, second: Proportion): string {
  const difference: Difference = newcombeDifference(first, second);
  if (difference.value === undefined) return 'One of them has no calls to compare.';
  const points = `${signed(difference.value)} points (95%: ${signed(difference.lower)} to ${signed(difference.upper)})`;
  return difference.significant ? `${points}: more than chance` : `${points}: may be chance`;
}

function ratio(proportion: Proportion): FigureValue {
  const { value, lower, upper, successes, total } = proportion;
  if (value === undefined) return { value: '–', basis: 'no calls', proportion };
  return {
    proportion,
    value: percent(value),
    interval: `${percent(lower)} to ${percent(upper)}`,
    basis: `${successes} of ${total} ${total === 1 ? 'call' : 'calls'}`,
  };
}

function duration({ value, sampleSize }: Sample): FigureValue {
  const basis = sampleSize === 0 ? 'not measured' : `${sampleSize} ${sampleSize === 1 ? 'call' : 'calls'}`;
  return { value: value === undefined ? '–' : durationText(value), basis };
}

function signed(value: number): string {
  const points = Math.round(value * 100);
  return points > 0 ? `+${points}` : points === 0 ? '0' : `−${-points}`;
}
