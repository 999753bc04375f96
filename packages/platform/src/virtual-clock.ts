import type { Clock } from '@provider-call/sip/clock';

export type VirtualClock = Clock & {
  /** Moves time forward to `ms` and runs the tasks that become due, each at its own time. */
  advanceTo(ms: number): void;
};

/** A clock that is stopped until it is moved: for replays and tests. */
export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  let tasks: { at: number; task: () => void }[] = [];

  return {
    now: () => now,

    after: (ms, task) => {
      const entry = { at: now + Math.max(ms, 0), task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },

    advanceTo: (ms) => {
      for (;;) {
        // The earliest task; of two at the same time, the one that was scheduled first.
        const [next] = tasks.filter(({ at }) => at <= ms).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        tasks = tasks.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.task();
      }
      now = Math.max(now, ms);
    },
  };
}
