import { describe, expect, test } from 'vitest';
import { nextDelay, type PollResult, startPolling } from '../src/page/polling.ts';

describe('nextDelay', () => {
  test.each<[number | undefined, PollResult, number]>([
    [undefined, { changed: false }, 500],
    [3_000, { changed: true }, 500],
    [500, { changed: false }, 750],
    [2_900, { changed: false }, 3_000],
    [undefined, { retryAfterSeconds: undefined }, 1_000],
    [1_000, { retryAfterSeconds: undefined }, 2_000],
    [29_000, { retryAfterSeconds: undefined }, 30_000],
    [500, { retryAfterSeconds: 7 }, 7_000],
    [20_000, { retryAfterSeconds: 1 }, 30_000],
    [500, { retryAfterSeconds: 3_600 }, 3_600_000],
    [500, { retryAfterSeconds: 3_601 }, 3_600_000],
    [500, { retryAfterSeconds: 2_147_484 }, 3_600_000],
  ])('after %s ms and %o it is %d ms', (previous, result, delay) => {
    expect(nextDelay(previous, result)).toBe(delay);
  });
});

/** A browser whose timers fire and whose tab hides when the test says so. */
function browser() {
  const timers: { callback: () => void; delayMs: number }[] = [];
  const listeners = new Set<() => void>();
  const state = { hidden: false };
  return {
    timers,
    environment: {
      isHidden: () => state.hidden,
      onVisibilityChange(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      setTimer(callback: () => void, delayMs: number) {
        const timer = { callback, delayMs };
        timers.push(timer);
        return timer;
      },
      clearTimer(timer: unknown) {
        const index = timers.findIndex((candidate) => Object.is(candidate, timer));
        if (index >= 0) timers.splice(index, 1);
      },
    },
    show(isShown: boolean) {
      state.hidden = !isShown;
      for (const listener of listeners) listener();
    },
    fire: () => timers.shift()?.callback(),
    listeners,
  };
}

function settled() {
  return new Promise<void>((resolve) => setImmediate(resolve));
}

describe('startPolling', () => {
  test('polls at once, then in growing intervals, until the end', async () => {
    const { environment, timers, fire, listeners } = browser();
    const results: (PollResult | 'ended')[] = [{ changed: true }, { changed: false }, 'ended'];
    let polls = 0;
    startPolling(environment, async () => {
      polls += 1;
      return results.shift() ?? 'ended';
    });
    await settled();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([500]);
    fire();
    await settled();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([750]);
    fire();
    await settled();
    expect({ polls, timers: timers.length, listeners: listeners.size }).toEqual({
      polls: 3,
      timers: 0,
      listeners: 0,
    });
  });

  test('a hidden tab sends nothing and polls at once when it is shown again', async () => {
    const { environment, timers, fire, show } = browser();
    let polls = 0;
    startPolling(environment, async () => {
      polls += 1;
      return { changed: false };
    });
    await settled();
    show(false);
    fire();
    await settled();
    expect({ polls, timers: timers.length }).toEqual({ polls: 1, timers: 0 });
    show(true);
    await settled();
    expect({ polls, timers: timers.length }).toEqual({ polls: 2, timers: 1 });
  });

  test('two polls never run at the same time', async () => {
    const { environment, timers, show } = browser();
    const gate = Promise.withResolvers<PollResult>();
    let polls = 0;
    startPolling(environment, () => {
      polls += 1;
      return gate.promise;
    });
    show(false);
    show(true);
    expect(polls).toBe(1);
    gate.resolve({ changed: false });
    await settled();
    show(true);
    await settled();
    expect({ polls, timers: timers.length }).toEqual({ polls: 2, timers: 1 });
  });

  test('sends nothing once it is stopped, not even after the poll in progress', async () => {
    const { environment, timers, listeners } = browser();
    const gate = Promise.withResolvers<PollResult>();
    const stop = startPolling(environment, () => gate.promise);
    stop();
    gate.resolve({ changed: true });
    await settled();
    expect({ timers: timers.length, listeners: listeners.size }).toEqual({ timers: 0, listeners: 0 });
  });
});
