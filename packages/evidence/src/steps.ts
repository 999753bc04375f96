import type { Conversation, Direction, ObservedMessage } from './conversation.ts';
import { inOrderOfTime, microsecondsOf } from './instant.ts';
import type { AnalysisNote } from './platform-records.ts';
import type { Endpoint } from './read-message.ts';
import { remarksOn } from './remarks.ts';

/** One line of the ladder: a message with its retransmissions, or a note between messages. */
export type Step = {
  /** Microseconds since 1970; absent if the timestamp cannot be read. */
  time?: number;
  /** Milliseconds since the first step with a time. */
  sinceStartMs?: number;
  direction: Direction | 'note';
  /** Sender and receiver as `address:port`; both absent for a note. */
  from?: Endpoint;
  to?: Endpoint;
  /** Whether the sender is one of our own addresses. */
  fromUs: boolean;
  toUs: boolean;
  /** A method, a status with its reason phrase, or a note's text. */
  label: string;
  /** As on the wire, "1 INVITE"; absent for a note or if it cannot be read. */
  cseq?: string;
  /** UDP, TCP, TLS … of the topmost Via. */
  transport?: string;
  /** How many identical messages followed. */
  retransmissions: number;
  /** The position of the message in `sip_messages`; absent for a note. */
  message?: number;
  /** Remarks on this message: what a status or cause means here, what is odd about it. */
  notes: string[];
};

/** Returns the steps of a call in order of time, including the stand-in's notes. */
export function stepsOf(conversation: Conversation, notes: readonly AnalysisNote[] = []): Step[] {
  const remarks = remarksOn(conversation);
  const steps = [
    ...conversation.messages.map((message) => stepOf(message, remarks.get(message.index) ?? [])),
    ...notes.map(noteStep),
  ];
  const order = inOrderOfTime(steps);
  const start = order.find(({ time }) => time !== undefined)?.time;
  return order.map((step) =>
    step.time === undefined || start === undefined
      ? step
      : { ...step, sinceStartMs: Math.round((step.time - start) / 100) / 10 },
  );
}

function stepOf(message: ObservedMessage, notes: string[]): Step {
  const { time, direction, source, destination, cseq, transport, retransmissions, index } = message;
  return {
    ...(time === undefined ? {} : { time }),
    direction,
    from: source,
    to: destination,
    fromUs: direction !== 'received',
    toUs: direction !== 'sent',
    label: labelOf(message),
    ...(cseq === undefined ? {} : { cseq: `${cseq.number} ${cseq.method}` }),
    ...(transport === undefined ? {} : { transport }),
    retransmissions,
    message: index,
    notes,
  };
}

/** Returns a request's method, or a response's status and reason phrase. */
function labelOf({ method, status, reasonPhrase }: ObservedMessage): string {
  if (status === undefined) return method ?? 'not understood';
  return reasonPhrase === undefined || reasonPhrase === '' ? String(status) : `${status} ${reasonPhrase}`;
}

function noteStep({ timestamp, text }: AnalysisNote): Step {
  const time = microsecondsOf(timestamp);
  return {
    ...(time === undefined ? {} : { time }),
    direction: 'note',
    fromUs: true,
    toUs: true,
    label: text,
    retransmissions: 0,
    notes: [],
  };
}
