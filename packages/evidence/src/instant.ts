const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Returns a timestamp in microseconds since 1970, or undefined when it cannot be read. Reads both of the platform's
 * forms, `2026-04-21 23:15:00.000000` and `2026-04-21T23:15:00.000000Z`, with any number of decimal places; without a
 * zone, it is UTC.
 */
export function microsecondsOf(timestamp: unknown): number | undefined {
  if (typeof timestamp !== 'string') return undefined;
  const match = INSTANT.exec(timestamp.trim());
  const [, day, time, decimals = '', zone = 'Z'] = match ?? [];
  if (day === undefined || time === undefined) return undefined;
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const milliseconds = Date.parse(`${day}T${time}${offset}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return milliseconds * 1_000 + Number(decimals.padEnd(6, '0').slice(0, 6));
}

/**
 * Returns the milliseconds from one instant to another, to one decimal place, or undefined if either is missing or they
 * are reversed.
 */
export function millisecondsBetween(start: number | undefined, end: number | undefined): number | undefined {
  if (start === undefined || end === undefined || end < start) return undefined;
  return Math.round((end - start) / 100) / 10;
}

/**
 * Returns the items in order of time. An item without a time stays after the one before it, and items with equal times
 * keep their order.
 */
export function inOrderOfTime<T extends { time?: number | undefined }>(items: readonly T[]): T[] {
  let latest = Number.NEGATIVE_INFINITY;
  const timed = items.map((item) => {
    latest = item.time ?? latest;
    return { item, time: latest };
  });
  // The difference between two infinities is not a number.
  timed.sort((left, right) => (left.time === right.time ? 0 : left.time - right.time));
  return timed.map(({ item }) => item);
}
