import type { Call, ProviderCall } from '@provider-call/client';
import { isTemporary } from './describe-error.ts';
import type { Session } from './session.ts';

/** A call that is being watched, as last seen; undefined until it has been. */
export type WatchedCall = { id: string; call: Call | undefined; firstSeenAt: number };

export type Watch = {
  calls: readonly WatchedCall[];
  /** Whether all have ended. False if watching was stopped, or the API did not respond for too long. */
  finished: boolean;
};

type WatchOptions = {
  /** Called at once, and each time after the calls have been polled. */
  onChange?: (calls: readonly WatchedCall[]) => void;
  /** Stops the watching; the calls go on. */
  signal: AbortSignal;
};

const FAST_MS = 500;
const SLOW_MS = 1000;
const SLOW_AFTER_MS = 30_000;
/** How long calls are watched while the API does not respond. */
const MAX_SILENCE_MS = 60_000;
const MAX_CONCURRENT = 8;

/**
 * Watches a record's calls, and those of its groupcalls, until all have ended.
 *
 * @throws any error of the API that is not temporary
 */
export async function watchCalls(
  session: Pick<Session, 'platform' | 'terminal'>,
  record: Pick<ProviderCall, 'call_ids' | 'groupcall_ids'>,
  { onChange = () => {}, signal }: WatchOptions,
): Promise<Watch> {
  const startedAt = Date.now();
  const calls = new Map<string, WatchedCall>();
  const add = (id: string) => {
    if (!calls.has(id)) calls.set(id, { id, call: undefined, firstSeenAt: Date.now() });
  };
  for (const id of record.call_ids) add(id);
  const openGroupcalls = new Set(record.groupcall_ids);
  let heardAt = startedAt;
  let isSilent = false;
  onChange([...calls.values()]);

  while (!signal.aborted) {
    try {
      await inTurns([...openGroupcalls], async (id) => {
        const groupcall = await session.platform.getGroupcall(id, { signal });
        for (const callId of groupcall.call_ids) add(callId);
        if (groupcall.status !== 'progressing') openGroupcalls.delete(id);
      });
      await inTurns(
        [...calls.values()].filter(({ call }) => !hasEnded(call)),
        async (watched) => {
          watched.call = await session.platform.getCall(watched.id, { signal });
        },
      );
      heardAt = Date.now();
      if (isSilent) session.terminal.note('the API is responding again');
      isSilent = false;
    } catch (error) {
      if (signal.aborted) break;
      if (!isTemporary(error)) throw error;
      if (!isSilent)
        session.terminal.note('the API is not responding; the calls go on and are still being watched');
      isSilent = true;
      if (Date.now() - heardAt > MAX_SILENCE_MS) break;
    }
    const watched = [...calls.values()];
    onChange(watched);
    if (openGroupcalls.size === 0 && watched.every(({ call }) => hasEnded(call))) {
      return { calls: watched, finished: true };
    }
    await pause(Date.now() - startedAt < SLOW_AFTER_MS ? FAST_MS : SLOW_MS, signal);
  }
  return { calls: [...calls.values()], finished: false };
}

/** Returns whether a call has ended; one that has not been seen yet has not. */
export function hasEnded(call: Call | undefined): boolean {
  return call?.status === 'hangup';
}

/** Runs a task for each value, a few at a time. */
export async function inTurns<T>(values: readonly T[], task: (value: T) => Promise<void>): Promise<void> {
  const pending = [...values];
  const next = async () => {
    for (let value = pending.shift(); value !== undefined; value = pending.shift()) await task(value);
  };
  await Promise.all(Array.from({ length: Math.min(MAX_CONCURRENT, values.length) }, next));
}

/** Waits until the time is up or the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
