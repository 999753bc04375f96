import { AsyncLocalStorage } from 'node:async_hooks';
import { BackendFailure } from '../../functions/provider-calls/ports.ts';

/** One request that a run makes of the table or of a backend. */
export type Operation = { to: 'table' | 'route' | 'flow' | 'call'; name: string };

/** Where a run waits: with a request not sent yet, or with its response not received yet. */
export type Point = Operation & { side: 'request' | 'response' };

/**
 * What happens at a point. `stop` ends the run there for good, as a crash does: nothing of it ever runs again. `lose`
 * lets it go on without a response, `refuse` with the certainty that nobody took the request.
 */
export type Verdict = 'pass' | 'stop' | 'lose' | 'refuse';

type Outcome<Result> = { kind: 'returned'; value: Result } | { kind: 'threw'; error: unknown };

/** A run of create or reconcile that waits at every point until it is resumed. */
export type Run<Result> = {
  /** Undefined once it has ended or was stopped. */
  readonly at: Point | undefined;
  /** Undefined until it has ended, and for ever when it was stopped. */
  readonly outcome: Outcome<Result> | undefined;
  /** Decides the point it waits at. Resolves once it waits at the next one, has ended or is stopped. */
  resume(verdict: Verdict): Promise<void>;
};

/** Everything that can go wrong at a point. */
export function faultsAt({ to, side }: Point): Verdict[] {
  return to !== 'table' && side === 'request' ? ['stop', 'lose', 'refuse'] : ['stop', 'lose'];
}

type Gate = <Result>(operation: Operation, send: () => Promise<Result>) => Promise<Result>;

const gates = new AsyncLocalStorage<Gate>();

function failureOf({ to, name }: Operation, verdict: Verdict): Error {
  return to === 'table'
    ? new Error(`${name}: no response from the table`)
    : new BackendFailure(to, `${name}: ${verdict}`, {
        outcome: verdict === 'refuse' ? 'nothing-done' : 'unknown',
        timedOut: verdict === 'lose',
      });
}

/** Sends a request under the control of the run that makes it; at once when nothing controls it. */
export function controlled<Result>(operation: Operation, send: () => Promise<Result>): Promise<Result> {
  return gates.getStore()?.(operation, send) ?? send();
}

/** Starts a run. Resolves once it waits at its first point, or has ended. */
export async function startRun<Result>(work: () => Promise<Result>): Promise<Run<Result>> {
  let at: Point | undefined;
  let outcome: Outcome<Result> | undefined;
  let decide: (verdict: Verdict) => void = () => {};
  let quiet = Promise.withResolvers<void>();

  const wait = (point: Point): Promise<Verdict> => {
    if (at !== undefined) throw new Error('a run does one thing at a time');
    at = point;
    const decision = Promise.withResolvers<Verdict>();
    decide = decision.resolve;
    quiet.resolve();
    return decision.promise;
  };

  const pass: Gate = async (operation, send) => {
    const sent = await wait({ ...operation, side: 'request' });
    if (sent !== 'pass') throw failureOf(operation, sent);
    const [response] = await Promise.allSettled([send()]);
    const received = await wait({ ...operation, side: 'response' });
    if (received !== 'pass') throw failureOf(operation, received);
    if (response.status === 'rejected') throw response.reason;
    return response.value;
  };

  // What a run asks for at once is asked for one after the other.
  let turn: Promise<unknown> = Promise.resolve();
  const gate: Gate = (operation, send) => {
    const passed = turn.then(() => pass(operation, send));
    turn = passed.catch(() => {});
    return passed;
  };

  const end = (ended: Outcome<Result>) => {
    outcome = ended;
    quiet.resolve();
  };
  gates.run(gate, work).then(
    (value) => end({ kind: 'returned', value }),
    (error: unknown) => end({ kind: 'threw', error }),
  );
  await quiet.promise;

  return {
    get at() {
      return at;
    },
    get outcome() {
      return outcome;
    },
    resume: async (verdict) => {
      if (at === undefined) throw new Error('the run waits for nothing');
      at = undefined;
      if (verdict === 'stop') return;
      quiet = Promise.withResolvers();
      decide(verdict);
      await quiet.promise;
    },
  };
}

/** Lets a run go on until it ends or is stopped, each of its points decided by `verdictAt`. */
export async function drive<Result>(
  run: Run<Result>,
  verdictAt: (point: Point) => Verdict = () => 'pass',
): Promise<void> {
  for (let { at } = run; at !== undefined; { at } = run) await run.resume(verdictAt(at));
}
