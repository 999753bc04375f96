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
 *
 * @param confidence between 0 and 1, 0.95 by default
 */
export function wilsonInterval(successes: number, total: number, confidence = 0.95): Proportion {
  if (!(total > 0)) return { successes: 0, total: 0, lower: 0, upper: 1 };
  const counted = Math.min(Math.max(successes, 0), total);
  const z = normalQuantile((1 + confidence) / 2);
  const value = counted / total;
  const scale = 1 + z ** 2 / total;
  const centre = (value + z ** 2 / (2 * total)) / scale;
  const margin = (z / scale) * Math.sqrt((value * (1 - value)) / total + z ** 2 / (4 * total ** 2));
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

/** The inverse of the standard normal distribution (Acklam's approximation, relative error below 1.2e-9). */
function normalQuantile(probability: number): number {
  const p = Math.min(Math.max(probability, 1e-12), 1 - 1e-12);
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (q * polynomial(CENTRE_NUMERATOR, r)) / polynomial(CENTRE_DENOMINATOR, r);
}

function tail(q: number): number {
  return polynomial(TAIL_NUMERATOR, q) / polynomial(TAIL_DENOMINATOR, q);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const CENTRE_NUMERATOR = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const CENTRE_DENOMINATOR = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
  1,
];
const TAIL_NUMERATOR = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_DENOMINATOR = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
];
