import { destinationOf } from '../evidence-of.ts';
import { findCalls } from '../find.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { hasEnded } from '../watch-calls.ts';

export type HangupInput = { id: string; json?: boolean };

/** Ends a call, or all calls of a record. */
export async function hangUpCalls(session: Session, { id, json }: HangupInput): Promise<number> {
  const { terminal, platform } = session;
  const calls = await findCalls(session, id);
  const results = await Promise.all(
    calls.map(async (call) =>
      hasEnded(call) ? { call, hasEnded: true } : { call: await platform.hangUp(call.id), hasEnded: false },
    ),
  );
  if (json) {
    terminal.print(JSON.stringify({ calls: results.map(({ call }) => call) }, null, 2));
    return 0;
  }
  for (const { call, hasEnded: ended } of results) {
    const reason = call.hangup_reason === '' ? '' : ` (${call.hangup_reason})`;
    const outcome = `${ended ? 'had ended already' : call.status}${reason}  (call ${call.id})`;
    terminal.print(`${destinationOf(call)} ${plainLine(outcome)}`);
  }
  if (results.length === 0) terminal.note('the record has no calls');
  return 0;
}
