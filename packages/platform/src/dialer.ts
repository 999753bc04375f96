import type { Address, Anonymous } from './records/address.ts';
import type { HangupBy, HangupReason } from './records/call.ts';
import type { Provider } from './records/provider.ts';
import type { TraceEntry } from './records/trace-entry.ts';

export type DialAttempt = {
  callId: string;
  provider: Provider;
  source: Address | null;
  destination: Address;
  anonymous: Anonymous;
  /** From the dial to the answer, milliseconds. */
  dialTimeoutMs: number;
  /** From the answer to the end, milliseconds. */
  maxDurationMs: number;
};

export type DialEnd = { by: HangupBy; reason: HangupReason; sipStatus?: number };

export type DialEvents = {
  ringing(): void;
  answered(): void;
  /** Exactly once, and last. */
  ended(end: DialEnd): void;
  trace(entry: TraceEntry): void;
};

export type Dial = {
  /** Gives up before the answer (CANCEL), hangs up after it (BYE). `ended` follows. Asking twice is asking once. */
  hangup(): void;
};

/**
 * Places calls through providers. One dial is one provider: which provider comes next after a failed one is the call
 * manager's business. Events come after `dial` has returned, never from within it.
 */
export type Dialer = {
  dial(attempt: DialAttempt, events: DialEvents): Dial;
  /** Whether the provider is there at all: any answer to OPTIONS within five seconds. */
  probe?(provider: Provider): Promise<boolean>;
  close(): Promise<void>;
};
