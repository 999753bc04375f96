import { inOrderOfTime, microsecondsOf, pcapOf } from '@provider-call/evidence';
import { writeOutput } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import {
  type CallEvidence,
  destinationOf,
  evidenceWithMessages,
  ladderOf,
  summaryOf,
} from '../evidence-of.ts';
import { findCalls } from '../find.ts';
import { inTurns } from '../in-turns.ts';
import { plainLine, plainText } from '../plain-text.ts';
import type { Session } from '../session.ts';

export type TraceInput = { id: string; pcap?: string; raw?: boolean; json?: boolean };

/**
 * Prints the SIP messages of a call, or of each call of a record. Without the messages there is nothing to print, so that
 * a failure to read them ends the command.
 *
 * @throws {CliError} 2 when the record has no calls, or there are no messages to write to `--pcap`
 */
export async function traceCalls(session: Session, { id, pcap, raw, json }: TraceInput): Promise<number> {
  const { terminal } = session;
  const calls = await findCalls(session, id);
  if (calls.length === 0) throw new CliError(EXIT.usage, `record ${id} has no calls: nothing to trace`);
  const evidence = await inTurns(calls, (call) => evidenceWithMessages(session, call));
  if (pcap !== undefined) {
    const timed = evidence
      .flatMap((one) => one.messages?.sip_messages ?? [])
      .map((message) => ({ message, time: microsecondsOf(message.timestamp) }));
    const messages = inOrderOfTime(timed).map(({ message }) => message);
    if (messages.length === 0)
      throw new CliError(EXIT.usage, 'no messages of this call were captured: there is nothing to write');
    await writeOutput(pcap === '-' ? '/dev/stdout' : pcap, pcapOf(messages));
    terminal.note(`${messages.length} messages written to ${pcap}`);
    return 0;
  }
  if (json) {
    terminal.print(
      JSON.stringify(
        {
          calls: evidence.map(({ call, analysis, messages }) => ({
            call,
            analysis,
            messages: messages ?? null,
          })),
        },
        null,
        2,
      ),
    );
    return 0;
  }
  for (const [index, one] of evidence.entries()) {
    if (index > 0) terminal.print('');
    terminal.print(
      `${terminal.style('bold', destinationOf(one.call))}  ${summaryOf(one, terminal)}  (call ${plainLine(one.call.id)})`,
    );
    terminal.print(plainLine(one.analysis.verdict));
    terminal.print(raw ? rawText(one) : ladderOf(one, terminal));
  }
  return 0;
}

function rawText({ messages }: CallEvidence): string {
  if (messages === undefined || messages.sip_messages.length === 0)
    return 'no messages of this call were captured';
  return messages.sip_messages
    .map(
      ({ timestamp, src_ip, src_port, dst_ip, dst_port, raw }) =>
        `--- ${plainLine(timestamp)}  ${plainLine(src_ip)}:${src_port} -> ${plainLine(dst_ip)}:${dst_port}\n${plainText(raw).trimEnd()}\n`,
    )
    .join('\n')
    .trimEnd();
}
