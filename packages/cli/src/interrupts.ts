import { EXIT } from './cli-error.ts';

export type Interrupts = {
  /** Fires at the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Fires at the second one, just before the process ends. */
  second: AbortSignal;
  /** Restores the default handling of the signals. */
  release(): void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Handles the signals that end a process: the first asks the command to finish, the second ends it at once. */
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
