/** The median of repeated measurements, the quartiles between which half of them lie, and their number. */
export type Summary = { median: number; low: number; high: number; count: number };

/** Returns the summary of `values`. Median and quartiles are NaN when there are none. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * Returns the ratios of two series that were measured alternately, round by round, so that the machine's load affects
 * both alike.
 */
export function ratiosOf(values: readonly number[], peers: readonly number[]): Summary {
  return summarize(values.map((value, round) => value / (peers[round] ?? Number.NaN)));
}
