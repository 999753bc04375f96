import type { Call } from '@provider-call/client';
import { EXIT } from '../cli-error.ts';
import { describeError } from '../describe-error.ts';
import { destinationOf } from '../evidence-of.ts';
import { findCalls, unlessAbsent } from '../find.ts';
import { inTurns } from '../in-turns.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { hasEnded } from '../watch-calls.ts';

export type HangupInput = { id: string; json?: boolean };

/** What became of a call: its new state, or why it may go on. */
type HangUp = { call: Call; outcome: string } | { call: Call; error: unknown };

/**
 * Ends a call, or all calls of a record. One that cannot be hung up does not keep the others from being hung up.
 *
 * @returns the exit code, which is that of the first failure if there is one
 */
export async function hangUpCalls(session: Session, { id, json }: HangupInput): Promise<number> {
  const { terminal } = session;
  const hangUps = await inTurns(await findCalls(session, id), (call) => hangUp(session, call));
  if (json) terminal.print(JSON.stringify({ calls: hangUps.map(({ call }) => call) }, null, 2));
  const failures: { message: string; exitCode: number }[] = [];
  for (const one of hangUps) {
    const { call } = one;
    if ('error' in one) {
      const failure = describeError(one.error);
      failures.push(failure);
      terminal.note(`${destinationOf(call)} may go on: ${failure.message}  (call ${plainLine(call.id)})`);
    } else if (!json) {
      terminal.print(`${destinationOf(call)} ${plainLine(`${one.outcome}  (call ${call.id})`)}`);
    }
  }
  if (hangUps.length === 0 && !json) terminal.note('the record has no calls');
  const [first] = failures;
  if (first === undefined) return EXIT.ok;
  terminal.note(
    `${failures.length} of ${hangUps.length} calls may go on: providercall hangup ${plainLine(id)} ends them`,
  );
  return first.exitCode;
}

async function hangUp({ platform }: Session, call: Call): Promise<HangUp> {
  if (hasEnded(call)) return { call, outcome: `had ended already${reasonOf(call)}` };
  try {
    const after = await unlessAbsent(platform.hangUp(call.id));
    return after === undefined
      ? { call, outcome: 'had been deleted' }
      : { call: after, outcome: `${after.status}${reasonOf(after)}` };
  } catch (error) {
    return { call, error };
  }
}

function reasonOf({ hangup_reason: reason }: Call): string {
  return reason === '' ? '' : ` (${reason})`;
}
