import {
  type Attempt,
  answerOf,
  type Conversation,
  finalOf,
  type ObservedMessage,
  readConversation,
} from './conversation.ts';
import { classifyFailure, type Failure, hangupReasonOf } from './failure.ts';
import { microsecondsOf, millisecondsBetween } from './instant.ts';
import type { Call, SipAnalysis } from './platform-records.ts';

/** The platform's statuses of a Call, in the order in which they follow each other; unknown if nothing shows it. */
export type CallState =
  | 'unknown'
  | 'dialing'
  | 'ringing'
  | 'progressing'
  | 'terminating'
  | 'canceling'
  | 'hangup';

/** The facts in the messages and the Call, from which the verdict is written. */
export type CallFacts = {
  call: Call;
  analysis: SipAnalysis | undefined;
  conversation: Conversation;
  state: CallState;
  /** The attempt that decided the call: the answered one, otherwise the last. */
  attempt: Attempt | undefined;
  /** The response that decided it. */
  final: ObservedMessage | undefined;
  answered: boolean;
  /** An answer that crossed our CANCEL. */
  lateAnswer: ObservedMessage | undefined;
  bye: ObservedMessage | undefined;
  hangupReason: string | undefined;
  hungUpBy: 'remote' | 'local' | undefined;
  failure: Failure;
  talkMs: number | undefined;
};

/** Returns the facts in the Call and its messages. */
export function factsOf(call: Call, analysis: SipAnalysis | undefined): CallFacts {
  const conversation = readConversation(analysis?.sip_messages ?? []);
  const { messages, attempts } = conversation;
  const attempt = attempts.findLast((candidate) => answerOf(candidate) !== undefined) ?? attempts.at(-1);
  const decided = attempt === undefined ? undefined : (finalOf(attempt) ?? edgeResponse(attempts, attempt));
  const answer = attempt === undefined ? undefined : answerOf(attempt);
  const cancelPosition = attempt?.cancel === undefined ? -1 : messages.indexOf(attempt.cancel);
  const lateAnswer =
    answer !== undefined && cancelPosition >= 0 && messages.indexOf(answer) > cancelPosition
      ? answer
      : undefined;
  const bye = messages.find(({ method }) => method === 'BYE');
  const answered =
    lateAnswer === undefined &&
    (answer !== undefined ||
      isSet(call.tm_progressing) ||
      (bye?.direction === 'received' && decided === undefined));
  // If the Call was answered, a rejection in the capture belongs to something else.
  const final = answered ? answer : decided;
  const state = stateOf(call, { attempt, final, answered, bye });
  const known = { call, analysis, conversation, state, attempt, final, answered, lateAnswer, bye };
  const hangupReason = hangupReasonOf(known);
  const failure = classifyFailure({ ...known, hangupReason });
  return { ...known, hangupReason, failure, hungUpBy: hungUpBy(known), talkMs: talkTime(known) };
}

/** If the attempt itself got no final response, returns our edge's response in place of the provider's. */
function edgeResponse(attempts: Attempt[], attempt: Attempt): ObservedMessage | undefined {
  return attempts
    .filter((other) => other.callId === attempt.callId)
    .flatMap(({ responses }) => responses)
    .findLast(({ status = 0, direction }) => direction === 'internal' && status >= 200);
}

const STATES: readonly CallState[] = [
  'unknown',
  'dialing',
  'ringing',
  'progressing',
  'terminating',
  'canceling',
  'hangup',
];

/** Returns the Call's own status, unless the messages are further on: a status only moves forward. */
function stateOf(call: Call, seen: Pick<CallFacts, 'attempt' | 'final' | 'answered' | 'bye'>): CallState {
  const { attempt, final, answered, bye } = seen;
  const recorded = STATES.find((state) => state === call.status);
  if (bye !== undefined) return 'hangup';
  const wire = (): CallState => {
    if (attempt === undefined) return 'unknown';
    if (answered) return 'progressing';
    if (final !== undefined) return 'hangup';
    if (attempt.cancel !== undefined) return 'canceling';
    return attempt.responses.some(({ status }) => status === 180) ? 'ringing' : 'dialing';
  };
  if (recorded === undefined) return isSet(call.tm_hangup) ? 'hangup' : wire();
  // A failed attempt may be followed by another one, so only an answer counts against the Call.
  return answered && STATES.indexOf(recorded) < STATES.indexOf('progressing') ? 'progressing' : recorded;
}

function hungUpBy(
  seen: Pick<CallFacts, 'call' | 'state' | 'bye' | 'final' | 'attempt' | 'lateAnswer'>,
): 'remote' | 'local' | undefined {
  const { call, state, bye, final, attempt, lateAnswer } = seen;
  if (state !== 'hangup') return undefined;
  if (bye !== undefined && lateAnswer === undefined) return bye.direction === 'received' ? 'remote' : 'local';
  if (call.hangup_by === 'remote' || call.hangup_by === 'local') return call.hangup_by;
  if (attempt?.cancel !== undefined)
    return final === undefined || final.status === 487 || lateAnswer !== undefined ? 'local' : 'remote';
  if (final !== undefined) return final.direction === 'internal' ? 'local' : 'remote';
  return attempt === undefined ? undefined : 'local';
}

function talkTime(
  seen: Pick<CallFacts, 'call' | 'conversation' | 'answered' | 'final' | 'bye' | 'state'>,
): number | undefined {
  const { call, conversation, answered, final, bye, state } = seen;
  if (!answered || state !== 'hangup') return undefined;
  if (conversation.messages.length > 0 && bye !== undefined)
    return millisecondsBetween(final?.time, bye.time);
  return millisecondsBetween(microsecondsOf(call.tm_progressing), microsecondsOf(call.tm_hangup));
}

function isSet(timestamp: string | null | undefined): boolean {
  const time = microsecondsOf(timestamp);
  // The sentinel 9999-01-01 means never.
  return time !== undefined && time < Date.UTC(9999, 0, 1) * 1_000;
}
