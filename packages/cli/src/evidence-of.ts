import type { Call, SipAnalysis } from '@provider-call/client';
import { analyzeCall, type CallAnalysis, ladderText } from '@provider-call/evidence';
import { plainLine, plainText } from './plain-text.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** A call, its SIP messages, and the analysis of both. */
export type CallEvidence = { call: Call; messages: SipAnalysis | undefined; analysis: CallAnalysis };

/** Returns the evidence on a call in its current state. Without messages, the analysis is based on the Call alone. */
export async function evidenceOf({ platform }: Session, call: Call): Promise<CallEvidence> {
  const messages = await platform.getSipAnalysis(call.id);
  return { call, messages, analysis: analyzeCall(call, messages) };
}

/** Returns the evidence on a call whose messages cannot be read, because the API does not respond. */
export function evidenceWithoutMessages(call: Call): CallEvidence {
  return { call, messages: undefined, analysis: analyzeCall(call) };
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
export function ladderOf({ messages, analysis }: CallEvidence, terminal: Terminal): string {
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
