import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf, isAbort } from './failure.ts';
import { type PollingEnvironment, type PollResult, startPolling } from './polling.ts';

/** A value read from the API. The last value is kept while it is read again. */
export type Resource<Value> = {
  value: Value | undefined;
  failure: Failure | undefined;
  isLoading: boolean;
  reload(): void;
};

/**
 * Reads a value whenever `key` or `source` changes, and discards responses that are no longer wanted. `source` is what the
 * value is read for; unlike with another `key`, the last value is kept meanwhile.
 */
export function useResource<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  source?: unknown,
): Resource<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; failure?: Failure; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  // `attempt` repeats it.
  useEffect(() => {
    const controller = new AbortController();
    setState((previous) => ({ ...(previous.key === key ? previous : { key }), isLoading: true }));
    latest.current(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setState({ key, value, isLoading: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted || isAbort(error)) return;
        const failure = failureOf(error);
        setState((previous) => ({
          ...(previous.key === key ? previous : { key }),
          failure,
          isLoading: false,
        }));
      },
    );
    return () => controller.abort();
  }, [key, source, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const current = state.key === key ? state : { isLoading: true };
  return {
    value: 'value' in current ? current.value : undefined,
    failure: 'failure' in current ? current.failure : undefined,
    isLoading: current.isLoading,
    reload,
  };
}

const BROWSER: PollingEnvironment = {
  isHidden: () => document.hidden,
  onVisibilityChange(listener) {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => {
    if (typeof timer === 'number') clearTimeout(timer);
  },
};

/** Polls while the component is mounted. `key` identifies what is polled; if undefined, nothing is. */
export function usePolling(
  key: string | undefined,
  poll: (signal: AbortSignal) => Promise<PollResult | 'ended'>,
): void {
  const latest = useRef(poll);
  latest.current = poll;
  useEffect(() => {
    if (key === undefined) return;
    const controller = new AbortController();
    const stop = startPolling(BROWSER, () => latest.current(controller.signal));
    return () => {
      stop();
      controller.abort();
    };
  }, [key]);
}

/** Returns the time, updated every `everyMs` while `isRunning`. */
export function useNow(everyMs: number, isRunning = true): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isRunning]);
  return now;
}
