/** What many measurements of one thing come to: the median, and the quartiles between which half of them lie. */
export type Summary = { median: number; low: number; high: number; count: number };

const quantile = (sorted: readonly number[], share: number): number => {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
};

/** NaN throughout when there are no values. */
export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  };
};

/** The ratios of two things that were measured in turn, round by round: the machine's moods are the same for both. */
export const ratiosOf = (values: readonly number[], peers: readonly number[]): Summary =>
  summarize(values.map((value, round) => value / (peers[round] ?? Number.NaN)));
