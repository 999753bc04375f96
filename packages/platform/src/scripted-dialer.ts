import { hangupReasonOf } from '@provider-call/sip/call-end';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import type { Dial, DialAttempt, DialEnd, DialEvents, Dialer } from './dialer.ts';

/** Milliseconds. */
export type ScriptTimes = {
  /** From the dial to the ringing. */
  ringingAfterMs: number;
  /** From the dial to the answer, or to the refusal. */
  answeredAfterMs: number;
  /** From the answer until the far end hangs up. */
  talkMs: number;
  /** From our hanging up until the far end has confirmed it. */
  hangupMs: number;
};

export const DEFAULT_SCRIPT_TIMES: ScriptTimes = {
  ringingAfterMs: 500,
  answeredAfterMs: 2000,
  talkMs: 10_000,
  hangupMs: 50,
};

const FINAL_STATUS = /^[3-6]\d\d$/;

/**
 * A dialer that touches no network, and so cannot tell whether a provider is well. The provider's `tech_prefix` decides what comes of a call: a final SIP status such
 * as `486` is what the provider answers with, `180` rings for ever, anything else is answered.
 */
export function createScriptedDialer({
  clock,
  times: changed = {},
}: {
  clock: Clock;
  /** What differs from the default. */
  times?: Partial<ScriptTimes>;
}): Dialer {
  const times = { ...DEFAULT_SCRIPT_TIMES, ...changed };
  const dial = (
    { provider, destination, dialTimeoutMs, maxDurationMs }: DialAttempt,
    events: DialEvents,
  ): Dial => {
    let stopNext = () => {};
    let answered = false;
    let done = false;

    const note = (text: string) =>
      events.trace({ at: timestampOf(clock.now()), direction: 'note', peer: '', text });

    const end = (ended: DialEnd, text: string) => {
      if (done) return;
      done = true;
      stopNext();
      note(text);
      events.ended(ended);
    };

    const then = (ms: number, task: () => void) => {
      stopNext = clock.after(ms, task);
    };

    const talk = () => {
      answered = true;
      note('200 OK');
      if (times.talkMs < maxDurationMs) {
        then(times.talkMs, () => end({ by: 'remote', reason: 'normal' }, 'BYE from the far end'));
      } else {
        then(maxDurationMs, () => end({ by: 'local', reason: 'timeout' }, 'BYE: longest duration reached'));
      }
      events.answered();
    };

    const dialTimeout = () => end({ by: 'local', reason: 'dialout' }, 'CANCEL: dial timeout');

    const ring = () => {
      note('180 Ringing');
      const left = dialTimeoutMs - times.ringingAfterMs;
      const wait = times.answeredAfterMs - times.ringingAfterMs;
      if (provider.tech_prefix === '180' || wait >= left) then(left, dialTimeout);
      else then(wait, talk);
      events.ringing();
    };

    const refuse = (sipStatus: number) =>
      end({ by: 'remote', reason: hangupReasonOf(sipStatus), sipStatus }, `${sipStatus} from the provider`);

    const { tech_prefix: prefix, tech_postfix: postfix } = provider;
    then(0, () => {
      note(`INVITE sip:${prefix}${destination.target}${postfix}@${provider.hostname} (scripted, no network)`);
      if (FINAL_STATUS.test(prefix)) then(times.answeredAfterMs, () => refuse(Number(prefix)));
      else then(times.ringingAfterMs, ring);
    });

    return {
      hangup: () => {
        if (done) return;
        stopNext();
        const [reason, text] = answered ? (['normal', 'BYE'] as const) : (['cancel', 'CANCEL'] as const);
        then(times.hangupMs, () => end({ by: 'local', reason }, text));
      },
    };
  };

  return {
    dial,
    close: async () => {},
  };
}
