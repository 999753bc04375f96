/** The source of time, which a test or a replay can replace by its own. */
export type Clock = {
  /** Milliseconds since 1970 UTC, with a fraction. */
  now(): number;
  /** Runs `task` once, `ms` from now; calling the result cancels it. */
  after(ms: number, task: () => void): () => void;
};

// A longer delay makes setTimeout fire at once.
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  // Date.now() has millisecond precision only; traces are read to the microsecond.
  now: () => performance.timeOrigin + performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, MAX_TIMEOUT_MS));
    return () => clearTimeout(timer);
  },
};

/** Returns milliseconds since 1970 as the platform's timestamp, `YYYY-MM-DD HH:MM:SS.ffffff` UTC. */
export function timestampOf(ms: number): string {
  const micros = Math.floor(ms * 1000);
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19).replace('T', ' ');
  return `${seconds}.${String(micros % 1_000_000).padStart(6, '0')}`;
}
