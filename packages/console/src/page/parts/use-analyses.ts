import type { Call } from '@provider-call/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf, isAbort } from '../failure.ts';
import { useSession } from '../session.ts';
import { type Analyses, endedCalls } from '../statistics.ts';

/** The messages of many calls, read on request. */
export type ReadAnalyses = {
  /** Undefined until all have been read. */
  analyses: Analyses | undefined;
  /** How many have been read, while they are being read. */
  progress: { done: number; total: number } | undefined;
  failure: Failure | undefined;
  read(): void;
};

/** Returns the messages of calls. `key` identifies the calls: for different ones, they have to be requested again. */
export function useAnalyses(key: string, calls: readonly Call[]): ReadAnalyses {
  const { api } = useSession();
  const [state, setState] = useState<Omit<ReadAnalyses, 'read'>>(NOTHING);
  const controller = useRef<AbortController>(undefined);

  useEffect(() => {
    setState(NOTHING);
    return () => controller.current?.abort();
  }, [key]);

  async function read() {
    controller.current?.abort();
    const reading = new AbortController();
    const { signal } = reading;
    controller.current = reading;
    const ended = endedCalls(calls);
    const analyses = new Map<string, Awaited<ReturnType<typeof api.getAnalysis>>>();
    setState({ ...NOTHING, progress: { done: 0, total: ended.length } });
    try {
      await Promise.all(
        ended.map(async (call) => {
          analyses.set(call.id, await api.getAnalysis(call, signal));
          if (!signal.aborted) {
            setState({ ...NOTHING, progress: { done: analyses.size, total: ended.length } });
          }
        }),
      );
      if (!signal.aborted) setState({ ...NOTHING, analyses });
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      // The others that are waiting would fail in the same way.
      reading.abort();
      setState({ ...NOTHING, failure: failureOf(error) });
    }
  }

  return { ...state, read };
}

const NOTHING = { analyses: undefined, progress: undefined, failure: undefined };
