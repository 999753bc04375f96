import { microsecondsOf } from '@provider-call/evidence';

/** Returns the instant of a platform timestamp, to the millisecond. */
export function instantOf(timestamp: string | null | undefined): Date | undefined {
  const microseconds = microsecondsOf(timestamp);
  return microseconds === undefined ? undefined : new Date(microseconds / 1_000);
}

/** Returns an instant in the user's time zone and language, with the year only if it is not the current one. */
export function localTime(
  instant: Date,
  now: Date,
  options: { locale?: string; timeZone?: string } = {},
): string {
  const { locale, timeZone } = options;
  const sameDay = dayOf(instant, timeZone) === dayOf(now, timeZone);
  const sameYear = dayOf(instant, timeZone).slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return new Intl.DateTimeFormat(locale, {
    ...(sameDay ? {} : { month: 'short', day: 'numeric' }),
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  }).format(instant);
}

/** Returns an instant in UTC, to the millisecond. */
export function utcTime(instant: Date): string {
  return `${instant.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** Returns a duration in a suitable unit: `312 ms`, `1.25 s`, `2 min 05 s`. */
export function durationText(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded < 1_000) return `${rounded} ms`;
  if (rounded < 10_000) return `${(rounded / 1_000).toFixed(2)} s`;
  if (rounded < 59_950) return `${(rounded / 1_000).toFixed(1)} s`;
  const seconds = Math.round(rounded / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))} min`;
}

/** Returns a running time: `0:07`, `12:30`. */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}

/** Returns how long ago an instant was: `just now`, `3 min ago`, `2 days ago`. */
export function agoText(instant: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - instant.getTime()) / 1_000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** Returns `YYYY-MM-DD` in a time zone. */
function dayOf(instant: Date, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zone }).format(instant);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
