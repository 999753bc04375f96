import type { CallCapture } from '@provider-call/sip/call-capture';
import type { CallEnd } from '@provider-call/sip/call-end';
import type { PingResult, RtpStatistics } from '@provider-call/sip/user-agent';
import type { Address, Anonymous } from './records/address.ts';
import type { Provider } from './records/provider.ts';

export type DialAttempt = {
  callId: string;
  provider: Provider;
  source: Address | null;
  destination: Address;
  anonymous: Anonymous;
  /** Milliseconds from the dial to the answer. */
  dialTimeoutMs: number;
  /** Milliseconds from the answer to the end. */
  maxDurationMs: number;
  /** Records the attempt's messages and notes, together with those of the call's other attempts. */
  capture: CallCapture;
};

export type DialEvents = {
  ringing(): void;
  answered(): void;
  /** Called exactly once, as the last event. Messages may still be captured after it. */
  ended(end: CallEnd): void;
};

export type Dial = {
  /** Sends CANCEL before the answer, BYE after it. `ended` follows. Repeated calls have no effect. */
  hangup(): void;
  /** Returns the counters of the attempt's media ports so far. Absent if there are no media. */
  statistics?(): RtpStatistics | undefined;
};

/** The result of a health check: the provider's response to OPTIONS, or `by: 'local'` and why there is none. */
export type ProbeResult = PingResult;

/**
 * Places calls through providers. One dial is one attempt through one provider; the call manager decides which provider
 * follows a failed one. Events come after `dial` has returned, never from within it.
 */
export type Dialer = {
  dial(attempt: DialAttempt, events: DialEvents): Dial;
  /** Sends OPTIONS to the provider. Absent from a dialer that touches no network. */
  probe?(provider: Provider): Promise<ProbeResult>;
  /** Ends all calls, whose `ended` events come before this resolves. */
  close(): Promise<void>;
};
