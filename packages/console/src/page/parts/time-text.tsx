import { instantOf, localTime, utcTime } from '../time.ts';

/** An instant in the user's time zone, with UTC on hover. */
export function TimeText({ timestamp }: { timestamp: string | null | undefined }) {
  const instant = instantOf(timestamp);
  if (instant === undefined) return <span class="muted">never</span>;
  return (
    <time dateTime={instant.toISOString()} title={utcTime(instant)}>
      {localTime(instant, new Date())}
    </time>
  );
}
