import type { Call, SipAnalysis } from '@provider-call/client';
import { analyzeCall, type CallAnalysis, ladderText } from '@provider-call/evidence';
import { isTemporary } from './describe-error.ts';
import { plainLine, plainText } from './plain-text.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** A call, its SIP messages, and the analysis of both. */
export type CallEvidence = {
  call: Call;
  /** Undefined if nothing was captured or the messages could not be read. */
  messages: SipAnalysis | undefined;
  /** Whether it is known what was captured. */
  isRead: boolean;
  analysis: CallAnalysis;
};

/**
 * Returns the evidence on a call in its current state. If its messages cannot be read for now, a note says so: how the
 * call went is known without them.
 *
 * @throws any error of the API that is not temporary
 */
export async function evidenceOf(session: Session, call: Call): Promise<CallEvidence> {
  try {
    return await evidenceWithMessages(session, call);
  } catch (error) {
    if (!isTemporary(error)) throw error;
    const id = plainLine(call.id);
    session.terminal.note(
      `the messages of call ${id} cannot be read (${plainLine(error.message)}): providercall trace ${id} shows them later`,
    );
    return evidenceWithoutMessages(call);
  }
}

/**
 * Returns the evidence on a call in its current state. If nothing was captured, the analysis is based on the Call alone.
 *
 * @throws any error of the API
 */
export async function evidenceWithMessages({ platform }: Session, call: Call): Promise<CallEvidence> {
  const messages = await platform.getSipAnalysis(call.id);
  return { call, messages, isRead: true, analysis: analyzeCall(call, messages) };
}

/** Returns the evidence on a call whose messages cannot be read, because the API does not respond. */
export function evidenceWithoutMessages(call: Call): CallEvidence {
  return { call, messages: undefined, isRead: false, analysis: analyzeCall(call) };
}

/** Returns a call's destination in readable form. */
export function destinationOf({ destination, id }: Call): string {
  return plainLine(destination === null ? id : destination.target);
}

/** Returns one line on how a call went: state or failure, status, delays. */
export function summaryOf({ analysis }: Pick<CallEvidence, 'analysis'>, terminal: Terminal): string {
  const { state, failure, sipStatus, reasonPhrase, postDialDelayMs, ringMs, talkMs } = analysis;
  const ended = state === 'hangup';
  const outcome = ended ? (failure === 'none' ? 'answered' : failure.replace('_', ' ')) : state;
  return [
    terminal.style(!ended ? 'yellow' : failure === 'none' ? 'green' : 'red', outcome),
    ...(sipStatus === undefined ? [] : [plainLine(`${sipStatus} ${reasonPhrase ?? ''}`.trim())]),
    ...(postDialDelayMs === undefined ? [] : [`post-dial delay ${seconds(postDialDelayMs)}`]),
    ...(ringMs === undefined ? [] : [`rang ${seconds(ringMs)}`]),
    ...(talkMs === undefined ? [] : [`talked ${seconds(talkMs)}`]),
  ].join(', ');
}

/** Returns milliseconds as seconds: `1.5 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Returns the ladder of a call, or why there is none. */
export function ladderOf({ messages, isRead, analysis }: CallEvidence, terminal: Terminal): string {
  if (!isRead) return 'the messages of this call could not be read';
  if (messages === undefined || messages.sip_messages.length === 0) {
    return 'no messages of this call were captured';
  }
  return plainText(ladderText(analysis, { width: terminal.columns() })).trimEnd();
}

/** Prints how a call went, its verdict, and the ladder if it failed. */
export function printOutcome(terminal: Terminal, evidence: CallEvidence): void {
  const { call, analysis } = evidence;
  terminal.print(
    `${terminal.style('bold', destinationOf(call))}  ${summaryOf(evidence, terminal)}  (call ${plainLine(call.id)})`,
  );
  terminal.print(`  ${plainLine(analysis.verdict)}`);
  if (analysis.state !== 'hangup' || analysis.failure === 'none') return;
  for (const line of ladderOf(evidence, terminal).split('\n')) terminal.print(`  ${line}`);
}
