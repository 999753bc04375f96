/** The result of a poll. */
export type PollResult = { changed: boolean } | { retryAfterSeconds: number | undefined };

/** How a poll's interval develops, in milliseconds. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 3_000;
const MAX_FAILURE_DELAY_MS = 30_000;
/** A longer Retry-After is cut to this: a timer of more than 2^31 - 1 ms fires at once. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Returns the time to the next poll: short after a change, longer while nothing changes, longer still after failures. */
export function nextDelay(previousMs: number | undefined, result: PollResult): number {
  if ('changed' in result) {
    if (result.changed || previousMs === undefined) return FIRST_DELAY_MS;
    return Math.min(previousMs * 1.5, MAX_DELAY_MS);
  }
  const backedOff = Math.min(Math.max(previousMs ?? 0, FIRST_DELAY_MS) * 2, MAX_FAILURE_DELAY_MS);
  return Math.max(backedOff, Math.min((result.retryAfterSeconds ?? 0) * 1_000, MAX_RETRY_AFTER_MS));
}

/** What a poller needs from the browser, so that a test can replace it. */
export type PollingEnvironment = {
  isHidden(): boolean;
  /** Calls `listener` whenever the tab is hidden or shown; returns a function that stops this. */
  onVisibilityChange(listener: () => void): () => void;
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
};

/**
 * Polls until `poll` reports the end or the returned function is called. A hidden tab sends nothing, and polls at once when it
 * is shown again. There is never more than one poll at a time.
 */
export function startPolling(
  environment: PollingEnvironment,
  poll: () => Promise<PollResult | 'ended'>,
): () => void {
  let timer: unknown;
  let delayMs: number | undefined;
  let state: 'waiting' | 'polling' | 'paused' | 'ended' = 'waiting';

  async function next(): Promise<void> {
    if (state === 'ended') return;
    if (environment.isHidden()) {
      state = 'paused';
      return;
    }
    state = 'polling';
    const result = await poll();
    // Ended meanwhile, from outside.
    if (state !== 'polling') return;
    if (result === 'ended') {
      stop();
      return;
    }
    state = 'waiting';
    delayMs = nextDelay(delayMs, result);
    timer = environment.setTimer(next, delayMs);
  }

  function stop(): void {
    state = 'ended';
    environment.clearTimer(timer);
    release();
  }

  const release = environment.onVisibilityChange(() => {
    if (environment.isHidden() || state === 'ended' || state === 'polling') return;
    environment.clearTimer(timer);
    void next();
  });
  void next();
  return stop;
}
