import { type CallEnd, hangupReasonOf } from '@provider-call/sip/call-end';
import type { Clock } from '@provider-call/sip/clock';
import { type InvitePlan, InvitePlanError } from '@provider-call/sip/invite-plan';
import type { Dial, DialAttempt, DialEvents, Dialer } from './dialer.ts';
import { captureUnplannable, planAttempt } from './plan-attempt.ts';
import { LOCAL, ScriptedDialog } from './scripted-dialog.ts';

/** Milliseconds. */
export type ScriptTimes = {
  /** From the dial to the ringing. */
  ringingAfterMs: number;
  /** From the dial to the answer, or to the rejection. */
  answeredAfterMs: number;
  /** From the answer until the far end hangs up. */
  talkMs: number;
  /** From our CANCEL or BYE until the far end has confirmed it. */
  hangupMs: number;
};

/** The pace of a scripted call unless an option changes it. */
export const DEFAULT_SCRIPT_TIMES: ScriptTimes = {
  ringingAfterMs: 500,
  answeredAfterMs: 2000,
  talkMs: 10_000,
  hangupMs: 50,
};

const MAX_TRYING_MS = 20;
const FINAL_STATUS = /^[3-6]\d\d$/;

export type ScriptedDialerOptions = {
  clock: Clock;
  /** Times that differ from the defaults. */
  times?: Partial<ScriptTimes>;
};

/**
 * Returns a dialer that touches no network, and so cannot check a provider's health. It captures the messages that a user
 * agent would have exchanged. The provider's `tech_prefix` decides how a call ends: a final SIP status such as `486` is
 * the provider's response, `180` rings forever, anything else is answered.
 */
export function createScriptedDialer({ clock, times }: ScriptedDialerOptions): Dialer {
  const live = new Set<ScriptedCall>();
  return {
    dial(attempt: DialAttempt, events: DialEvents): Dial {
      const call = new ScriptedCall(clock, { ...DEFAULT_SCRIPT_TIMES, ...times }, attempt, {
        ...events,
        ended: (end) => {
          live.delete(call);
          events.ended(end);
        },
      });
      live.add(call);
      call.start();
      return { hangup: () => call.hangup() };
    },
    close: async () => {
      for (const call of live) call.abandon();
    },
  };
}

/** One attempt: dialing → ringing → talking → ending (our CANCEL or BYE is out) → ended. */
class ScriptedCall {
  readonly #clock: Clock;
  readonly #times: ScriptTimes;
  readonly #attempt: DialAttempt;
  readonly #events: DialEvents;
  #state: 'dialing' | 'ringing' | 'talking' | 'ending' | 'ended' = 'dialing';
  /** Undefined until the INVITE. */
  #dialog: ScriptedDialog | undefined;
  /** How the call ends once the far end has confirmed our CANCEL or BYE. */
  #hangup: { method: 'CANCEL' | 'BYE'; end: CallEnd } | undefined;
  #stopNext = () => {};

  constructor(clock: Clock, times: ScriptTimes, attempt: DialAttempt, events: DialEvents) {
    this.#clock = clock;
    this.#times = times;
    this.#attempt = attempt;
    this.#events = events;
  }

  start(): void {
    this.#next(0, () => this.#invite());
  }

  hangup(): void {
    this.#startHangup({ by: 'local', reason: this.#state === 'talking' ? 'normal' : 'cancel' });
  }

  /** Ends at once: the process is closing. */
  abandon(): void {
    this.hangup();
    this.#confirmHangup();
  }

  #invite(): void {
    const { callId, capture, provider } = this.#attempt;
    let plan: InvitePlan;
    try {
      plan = planAttempt(this.#attempt);
    } catch (error) {
      if (!(error instanceof InvitePlanError)) throw error;
      captureUnplannable(capture, LOCAL, { callId, error });
      this.#end({ by: 'local', reason: 'failed' });
      return;
    }
    const dialog = new ScriptedDialog({ capture, seed: `${callId} ${provider.id}`, plan });
    this.#dialog = dialog;
    for (const note of ['Scripted: nothing leaves this process.', ...plan.notes]) capture.note(note);
    dialog.invite();
    const tryingMs = Math.min(MAX_TRYING_MS, this.#times.ringingAfterMs);
    this.#next(tryingMs, () => {
      dialog.progress(100);
      this.#respond(dialog, tryingMs);
    });
  }

  #respond(dialog: ScriptedDialog, elapsedMs: number): void {
    const { tech_prefix: prefix } = this.#attempt.provider;
    const { answeredAfterMs, ringingAfterMs } = this.#times;
    if (FINAL_STATUS.test(prefix)) {
      this.#next(answeredAfterMs - elapsedMs, () => this.#reject(dialog, Number(prefix)));
    } else {
      this.#next(ringingAfterMs - elapsedMs, () => this.#ring(dialog));
    }
  }

  #reject(dialog: ScriptedDialog, sipStatus: number): void {
    dialog.reject(sipStatus);
    this.#end({ by: 'remote', reason: hangupReasonOf(sipStatus), sipStatus });
  }

  #ring(dialog: ScriptedDialog): void {
    const { dialTimeoutMs, provider } = this.#attempt;
    const { answeredAfterMs, ringingAfterMs } = this.#times;
    dialog.progress(180);
    this.#state = 'ringing';
    if (provider.tech_prefix === '180' || answeredAfterMs >= dialTimeoutMs) {
      this.#next(dialTimeoutMs - ringingAfterMs, () => this.#startHangup({ by: 'local', reason: 'dialout' }));
    } else {
      this.#next(answeredAfterMs - ringingAfterMs, () => this.#answer(dialog));
    }
    this.#events.ringing();
  }

  #answer(dialog: ScriptedDialog): void {
    const { maxDurationMs } = this.#attempt;
    const { talkMs } = this.#times;
    dialog.answer();
    this.#state = 'talking';
    if (talkMs < maxDurationMs) {
      this.#next(talkMs, () => {
        dialog.bye('remote');
        dialog.byeConfirmed('remote');
        this.#end({ by: 'remote', reason: 'normal' });
      });
    } else {
      this.#next(maxDurationMs, () => this.#startHangup({ by: 'local', reason: 'timeout' }));
    }
    this.#events.answered();
  }

  #startHangup(end: CallEnd): void {
    if (this.#state === 'ending' || this.#state === 'ended') return;
    const method = this.#state === 'talking' ? 'BYE' : 'CANCEL';
    if (method === 'BYE') this.#dialog?.bye('local');
    else this.#dialog?.cancel();
    this.#state = 'ending';
    this.#hangup = { method, end };
    this.#next(this.#times.hangupMs, () => this.#confirmHangup());
  }

  #confirmHangup(): void {
    if (this.#state !== 'ending' || this.#hangup === undefined) return;
    const { method, end } = this.#hangup;
    if (method === 'BYE') this.#dialog?.byeConfirmed('local');
    else this.#dialog?.cancelled();
    this.#end(end);
  }

  #end(end: CallEnd): void {
    this.#stopNext();
    this.#state = 'ended';
    this.#events.ended(end);
  }

  #next(ms: number, task: () => void): void {
    this.#stopNext();
    this.#stopNext = this.#clock.after(ms, task);
  }
}
