import type { Call, ProviderCall } from '@provider-call/client';
import { isTemporary } from './describe-error.ts';
import { MAX_GROUPCALL_DEPTH, unlessAbsent } from './find.ts';
import { inTurns } from './in-turns.ts';
import { plainLine } from './plain-text.ts';
import type { Session } from './session.ts';

/** A call that is being watched. */
export type WatchedCall = {
  id: string;
  /** As last seen; undefined until it has been, and if the platform does not have it. */
  call: Call | undefined;
  /** Whether the platform does not have it, or no longer. */
  isAbsent: boolean;
  firstSeenAt: number;
};

export type Watch = {
  calls: readonly WatchedCall[];
  /** Whether all that exist have ended. False if watching was stopped, or the API did not respond for too long. */
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
  const list = createWatchList(session, record, signal);
  let heardAt = startedAt;
  let isSilent = false;
  onChange(list.calls());

  while (!signal.aborted) {
    try {
      await list.poll();
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
    onChange(list.calls());
    if (list.isFinished()) return { calls: list.calls(), finished: true };
    await pause(Date.now() - startedAt < SLOW_AFTER_MS ? FAST_MS : SLOW_MS, signal);
  }
  return { calls: list.calls(), finished: false };
}

/** What is watched: the record's calls and groupcalls, and those that its groupcalls list. */
function createWatchList(
  { platform, terminal }: Pick<Session, 'platform' | 'terminal'>,
  record: Pick<ProviderCall, 'call_ids' | 'groupcall_ids'>,
  signal: AbortSignal,
) {
  const calls = new Map<string, WatchedCall>();
  /** How deep each groupcall is below the record. */
  const depths = new Map<string, number>();
  const openGroupcalls = new Set<string>();
  /** What groupcalls in progress list: it may not exist yet. */
  const expected = new Set<string>();

  const addCall = (id: string) => {
    if (!calls.has(id)) calls.set(id, { id, call: undefined, isAbsent: false, firstSeenAt: Date.now() });
  };
  const addGroupcall = (id: string, depth: number) => {
    if (depths.has(id) || depth > MAX_GROUPCALL_DEPTH) return;
    depths.set(id, depth);
    openGroupcalls.add(id);
  };
  for (const id of record.call_ids) addCall(id);
  for (const id of record.groupcall_ids) addGroupcall(id, 1);

  async function pollGroupcall(id: string): Promise<void> {
    const groupcall = await unlessAbsent(platform.getGroupcall(id, { signal }));
    if (groupcall === undefined) {
      if (!expected.has(id)) openGroupcalls.delete(id);
      return;
    }
    const isOpen = groupcall.status === 'progressing';
    if (!isOpen) openGroupcalls.delete(id);
    for (const callId of groupcall.call_ids) addCall(callId);
    for (const childId of groupcall.groupcall_ids) addGroupcall(childId, (depths.get(id) ?? 0) + 1);
    for (const listed of [...groupcall.call_ids, ...groupcall.groupcall_ids]) {
      if (isOpen) expected.add(listed);
      else expected.delete(listed);
    }
  }

  async function pollCall(watched: WatchedCall): Promise<void> {
    const { id } = watched;
    const call = await unlessAbsent(platform.getCall(id, { signal }));
    if (call === undefined && expected.has(id)) return;
    watched.call = call;
    watched.isAbsent = call === undefined;
    if (watched.isAbsent) terminal.note(`the platform has no call ${plainLine(id)}`);
  }

  return {
    calls: () => [...calls.values()],
    poll: async () => {
      await inTurns([...openGroupcalls], pollGroupcall);
      await inTurns([...calls.values()].filter(goesOn), pollCall);
    },
    isFinished: () => openGroupcalls.size === 0 && ![...calls.values()].some(goesOn),
  };
}

/** Returns whether a call may still be in progress. */
export function goesOn({ call, isAbsent }: WatchedCall): boolean {
  return !isAbsent && !hasEnded(call);
}

/** Returns whether a call has ended; one that has not been seen yet has not. */
export function hasEnded(call: Call | undefined): boolean {
  return call?.status === 'hangup';
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
