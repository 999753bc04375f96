import * as z from 'zod/mini';

const shape = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})\.(\d{3})(\d{3})Z?$/;

const asDate = (text: string): Date | undefined => {
  const [, day, time, milliseconds, microseconds] = shape.exec(text) ?? [];
  if (day === undefined || microseconds === undefined) return undefined;
  const iso = `${day}T${time}.${milliseconds}Z`;
  const date = new Date(iso);
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? date : undefined;
};

/**
 * A platform timestamp, UTC with microseconds. Read as `2026-04-21 23:15:00.000000` and as
 * `2026-04-21T23:15:00.000000Z`, always given on in the first form, whose order is that of time.
 */
export const timestampSchema = z.pipe(
  z
    .string()
    .check(z.refine((text) => asDate(text) !== undefined, 'is not a timestamp YYYY-MM-DD HH:MM:SS.ffffff')),
  z.transform((text) => text.replace('T', ' ').replace('Z', '')),
);

/** The platform's form of a point in time. JavaScript's clock has milliseconds; the last three digits are 000. */
export const formatTimestamp = (date: Date): string =>
  date.toISOString().replace('T', ' ').replace('Z', '000');

/** Milliseconds since 1970 of a platform timestamp. Throws on any other text: parse with `timestampSchema` first. */
export const timestampMilliseconds = (timestamp: string): number => {
  const date = asDate(timestamp);
  if (date === undefined) throw new RangeError('not a platform timestamp');
  return date.getTime();
};
