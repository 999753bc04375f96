import { CallCapture } from '@provider-call/sip/call-capture';
import type { CallEnd } from '@provider-call/sip/call-end';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import { NIL_UUID } from '../../../functions/uuid.ts';
import type { Dial, DialAttempt, DialEvents, Dialer } from './dialer.ts';
import { planFlow } from './flow-plan.ts';
import type { Call, CallStatus } from './records/call.ts';
import type { PlannedCall } from './records/call-request.ts';
import { analysisOf, type CallEvent, type SipAnalysis } from './records/timeline.ts';

/** Default limits in milliseconds: from the dial to the answer, and from the answer to the end. */
export const DEFAULT_TIME_LIMITS = { dialTimeoutMs: 60_000, maxDurationMs: 24 * 3600 * 1000 } as const;

export type CallEngineOptions = {
  clock: Clock;
  dialer: Dialer;
  dialTimeoutMs: number;
  maxDurationMs: number;
  /** Called after every step of a call, in order. */
  onEvent(event: CallEvent, call: Call, evidence: Evidence): void;
  /** Called when something is captured after `call_hangup`, such as a late answer, which costs somebody money. */
  onLateCapture?(call: Call, evidence: Evidence): void;
};

/** Returns the messages and counters of a call so far, or undefined if there are none. */
export type Evidence = () => SipAnalysis | undefined;

type Run = PlannedCall & {
  /** Index of the route candidate in use. */
  candidate: number;
  dial: Dial | undefined;
  capture: CallCapture;
  evidence: Evidence;
  stopFlow: (() => void) | undefined;
};

/**
 * Runs calls from the dial to the hangup. Nothing here waits: events come from the dialer and the clock, and are passed
 * to `onEvent` in order. A call's status only moves forward.
 */
export function createCallEngine(options: CallEngineOptions) {
  const { clock, dialer, onEvent, onLateCapture } = options;
  const runs = new Map<string, Run>();

  function change(run: Run, status: CallStatus, changes: (now: string) => Partial<Call> = () => ({})): void {
    const now = timestampOf(clock.now());
    run.call = { ...run.call, ...changes(now), status, tm_update: now };
    onEvent(`call_${status}`, run.call, run.evidence);
  }

  function end(run: Run, { by, reason }: CallEnd): void {
    run.stopFlow?.();
    runs.delete(run.call.id);
    change(run, 'hangup', (now) => ({ hangup_by: by, hangup_reason: reason, tm_hangup: now }));
  }

  function hangup(run: Run): void {
    if (isBeforeAnswer(run.call)) change(run, 'canceling');
    else if (run.call.status === 'progressing') change(run, 'terminating');
    else return;
    run.stopFlow?.();
    run.dial?.hangup();
  }

  function runFlow(run: Run, steps: ReturnType<typeof planFlow>): void {
    const [step, ...rest] = steps;
    if (step === undefined) return;
    run.capture.note(step.note);
    if (step.last) hangup(run);
    else run.stopFlow = clock.after(step.durationMs, () => runFlow(run, rest));
  }

  function answered(run: Run): void {
    if (!isBeforeAnswer(run.call)) return;
    change(run, 'progressing', (now) => ({ tm_progressing: now }));
    const { id, groupcall_id: group } = run.call;
    if (group !== NIL_UUID) {
      // hangup_others: the first leg to answer gets the call.
      for (const other of [...runs.values()]) {
        if (other.call.groupcall_id === group && other.call.id !== id) hangup(other);
      }
    }
    if (run.actions !== null) runFlow(run, planFlow(run.actions));
  }

  /**
   * Dials an attempt. If the dialer throws, that counts like an unreachable provider, so that the call does not hang.
   */
  function dial(run: Run, attempt: DialAttempt, events: DialEvents): Dial {
    try {
      return dialer.dial(attempt, events);
    } catch (error) {
      run.capture.note(`Not dialled: ${error instanceof Error ? error.message : String(error)}`);
      clock.after(0, () => events.ended({ by: 'local', reason: 'failed' }));
      return { hangup: () => {} };
    }
  }

  function dialNext(run: Run): void {
    const candidate = run.candidates[run.candidate];
    if (candidate === undefined) {
      end(run, { by: 'local', reason: 'failed' });
      return;
    }
    const { route, provider } = candidate;
    run.call = { ...run.call, dialroute_id: route.id };
    const codecs = run.call.metadata.codecs;
    run.dial = dial(
      run,
      {
        callId: run.call.id,
        provider: codecs === undefined ? provider : { ...provider, codecs },
        source: run.call.source,
        destination: run.call.destination,
        anonymous: run.anonymous,
        dialTimeoutMs: options.dialTimeoutMs,
        maxDurationMs: options.maxDurationMs,
        capture: run.capture,
      },
      {
        ringing: () => {
          if (run.call.status === 'dialing') change(run, 'ringing', (now) => ({ tm_ringing: now }));
        },
        answered: () => answered(run),
        ended: (ended) => {
          // Only a failure of the provider itself leads to the next one: a busy phone is busy through every provider.
          if (
            isBeforeAnswer(run.call) &&
            ended.reason === 'failed' &&
            run.candidate + 1 < run.candidates.length
          ) {
            run.candidate += 1;
            run.capture.note('The provider failed; the next one is tried.');
            dialNext(run);
          } else {
            end(run, ended);
          }
        },
      },
    );
  }

  return {
    /** Dials a call. */
    start: (planned: PlannedCall): void => {
      const capture = new CallCapture(clock, () => {
        if (!runs.has(run.call.id)) onLateCapture?.(run.call, run.evidence);
      });
      const run: Run = {
        ...planned,
        candidate: 0,
        dial: undefined,
        capture,
        evidence: () => analysisOf(capture, run.dial?.statistics?.()),
        stopFlow: undefined,
      };
      runs.set(run.call.id, run);
      onEvent('call_created', run.call, run.evidence);
      onEvent('call_dialing', run.call, run.evidence);
      dialNext(run);
    },

    /**
     * Ends a call: CANCEL before the answer, BYE after it. Does nothing if the call is not live or is already ending.
     */
    hangup: (id: string): void => {
      const run = runs.get(id);
      if (run !== undefined) hangup(run);
    },

    /** Returns the evidence on a live call, or undefined for any other. */
    evidenceOf: (id: string): Evidence | undefined => runs.get(id)?.evidence,
  };
}

function isBeforeAnswer({ status }: Call): boolean {
  return status === 'dialing' || status === 'ringing';
}
