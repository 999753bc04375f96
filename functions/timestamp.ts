import * as z from 'zod/mini';
import type { Timestamp } from './flavor.ts';

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})\.(\d{3})(\d{3})Z?$/;

/**
 * A platform timestamp, UTC with microseconds. Read as `2026-04-21 23:15:00.000000` and as
 * `2026-04-21T23:15:00.000000Z`, always passed on in the first form, which sorts by time.
 */
export const timestampSchema = z.pipe(
  z
    .string()
    .check(z.refine((text) => asDate(text) !== undefined, 'is not a timestamp YYYY-MM-DD HH:MM:SS.ffffff')),
  z.transform((text): Timestamp => text.replace('T', ' ').replace('Z', '')),
);

/** Returns the platform's form of a point in time. JavaScript's clock has milliseconds; the last three digits are 000. */
export function formatTimestamp(date: Date): Timestamp {
  return date.toISOString().replace('T', ' ').replace('Z', '000');
}

/**
 * Returns a platform timestamp as milliseconds since 1970.
 *
 * @throws {RangeError} for any other text: parse with `timestampSchema` first
 */
export function timestampMilliseconds(timestamp: Timestamp): number {
  const date = asDate(timestamp);
  if (date === undefined) throw new RangeError('not a platform timestamp');
  return date.getTime();
}

/**
 * Returns the time at which something was deleted, as given; null if it was not, which older rows of the platform say
 * with the end of time, in either form and with any number of decimals.
 */
export function deletionTimeOf(deletedAt: Timestamp | null | undefined): Timestamp | null {
  return deletedAt == null || /^9999-01-01[ T]/.test(deletedAt) ? null : deletedAt;
}

function asDate(text: string): Date | undefined {
  const [, day, time, milliseconds, microseconds] = TIMESTAMP.exec(text) ?? [];
  if (day === undefined || microseconds === undefined) return undefined;
  const iso = `${day}T${time}.${milliseconds}Z`;
  const date = new Date(iso);
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? date : undefined;
}
