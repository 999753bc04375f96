import { EXIT } from './cli-error.ts';

export type Interrupts = {
  /** Fires at the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Fires at the second one, just before the process ends. */
  second: AbortSignal;
  /** Gives the signals their default meaning again. */
  release(): void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Takes over the signals that end a process: the first one asks the command to end, the second one ends it at once. */
export function createInterrupts(): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = () => {
    if (!first.signal.aborted) {
      first.abort();
      return;
    }
    second.abort();
    process.exit(EXIT.interrupted);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: first.signal,
    second: second.signal,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
