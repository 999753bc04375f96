import { type CallFacts, type CallState, factsOf } from './call-facts.ts';
import type { Failure } from './failure.ts';
import { microsecondsOf, millisecondsBetween } from './instant.ts';
import type { Call, SipAnalysis } from './platform-records.ts';
import { type Step, stepsOf } from './steps.ts';
import { verdictOf } from './verdict.ts';

/** What happened to a call. A field that is absent was not measured. */
export type CallAnalysis = {
  state: CallState;
  /** Status of the response that decided the call, or of the latest one while none has. */
  sipStatus?: number;
  reasonPhrase?: string;
  /** The platform's `hangup_reason`, or the one that follows from the messages. */
  hangupReason?: string;
  hungUpBy?: 'remote' | 'local';
  /** Also `none` as long as the call has not ended. */
  failure: Failure;
  /**
   * From the first INVITE to the first sign of ringing (180, early media, or the answer itself); without messages,
   * between the Call's own timestamps.
   */
  postDialDelayMs?: number;
  /** From 180 to the answer or the end. */
  ringMs?: number;
  /** From the answer to the end. */
  talkMs?: number;
  /** One sentence: what happened, who is at fault, what to do. */
  verdict: string;
  steps: Step[];
};

/**
 * Returns what happened to a call, from the Call and what `GET /timelines/calls/{id}/sip-analysis` returned for it.
 * Leave out the analysis if the response was a 404. Never throws, whatever the messages contain.
 */
export function analyzeCall(call: Call, analysis?: SipAnalysis | null): CallAnalysis {
  const facts = factsOf(call, analysis ?? undefined);
  const { state, final, attempt, answered, hangupReason, hungUpBy, failure, talkMs } = facts;
  // If a call was answered but its 200 was not captured, no other response is the one that decided it.
  const latest = final ?? (answered ? undefined : attempt?.responses.at(-1));
  return definedOnly({
    state,
    sipStatus: latest?.status,
    reasonPhrase: latest?.reasonPhrase === '' ? undefined : latest?.reasonPhrase,
    hangupReason,
    hungUpBy,
    failure,
    postDialDelayMs: postDialDelay(facts),
    ringMs: ringTime(facts),
    talkMs,
    verdict: verdictOf(facts),
    steps: stepsOf(facts.conversation, analysis?.notes ?? []),
  });
}

/** Removes undefined properties, so that comparison, JSON and spread all treat the value alike. */
function definedOnly<T extends object>(value: T): T {
  const copy = { ...value };
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
}

function postDialDelay({ call, conversation, attempt }: CallFacts): number | undefined {
  if (conversation.messages.length === 0) {
    return millisecondsBetween(
      microsecondsOf(call.tm_create),
      microsecondsOf(call.tm_ringing) ?? microsecondsOf(call.tm_progressing),
    );
  }
  const first = conversation.attempts.find(({ request }) => request?.direction === 'sent');
  const sign = attempt?.responses.find(
    ({ status = 0, body }) =>
      status === 180 ||
      (status > 100 && status < 200 && body.includes('m=audio')) ||
      (status >= 200 && status < 300),
  );
  return millisecondsBetween(first?.request?.time, sign?.time);
}

function ringTime({ call, conversation, attempt, final, lateAnswer, state }: CallFacts): number | undefined {
  if (conversation.messages.length === 0) {
    const end = microsecondsOf(call.tm_progressing) ?? microsecondsOf(call.tm_hangup);
    return millisecondsBetween(microsecondsOf(call.tm_ringing), end);
  }
  const ringing = attempt?.responses.find(({ status }) => status === 180);
  const cancelled = attempt?.cancel !== undefined && (final?.status === 487 || lateAnswer !== undefined);
  const end = cancelled ? attempt?.cancel?.time : (final?.time ?? attempt?.cancel?.time);
  return state === 'dialing' ? undefined : millisecondsBetween(ringing?.time, end);
}
