/** The 97.5th percentile of the standard normal distribution: every interval has a confidence of 95%. */
const Z = 1.959963984540054;

/** A proportion with its confidence interval, all between 0 and 1. */
export type Proportion = {
  successes: number;
  total: number;
  /** Absent if nothing was counted. */
  value?: number;
  lower: number;
  upper: number;
};

/** The difference between two proportions (first minus second) with its confidence interval, all between -1 and 1. */
export type Difference = {
  /** Absent if one of the samples is empty. */
  value?: number;
  lower: number;
  upper: number;
  /** Whether the interval excludes 0. */
  significant: boolean;
};

/**
 * Returns a proportion with its Wilson score interval (Wilson 1927), which, unlike the textbook interval, stays within
 * 0 and 1 and is valid even for a handful of calls.
 */
export function wilsonInterval(successes: number, total: number): Proportion {
  if (!(total > 0)) return { successes: 0, total: 0, lower: 0, upper: 1 };
  const counted = Math.min(Math.max(successes, 0), total);
  const value = counted / total;
  const scale = 1 + Z ** 2 / total;
  const centre = (value + Z ** 2 / (2 * total)) / scale;
  const margin = (Z / scale) * Math.sqrt((value * (1 - value)) / total + Z ** 2 / (4 * total ** 2));
  // At the ends the interval touches 0 or 1 exactly; rounding must not move it past the value.
  const lower = counted === 0 ? 0 : Math.min(Math.max(centre - margin, 0), value);
  const upper = counted === total ? 1 : Math.max(Math.min(centre + margin, 1), value);
  return { successes: counted, total, value, lower, upper };
}

/**
 * Returns the difference between two independent proportions with Newcombe's hybrid score interval (Newcombe 1998,
 * method 10), which combines the limits of the two Wilson intervals.
 */
export function newcombeDifference(first: Proportion, second: Proportion): Difference {
  if (first.value === undefined || second.value === undefined) {
    return { lower: -1, upper: 1, significant: false };
  }
  const value = first.value - second.value;
  const below = Math.hypot(first.value - first.lower, second.upper - second.value);
  const above = Math.hypot(first.upper - first.value, second.value - second.lower);
  const lower = Math.max(value - below, -1);
  const upper = Math.min(value + above, 1);
  return { value, lower, upper, significant: lower > 0 || upper < 0 };
}
