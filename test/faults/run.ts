import { AsyncLocalStorage } from 'node:async_hooks';
import { BackendFailure } from '../../functions/provider-calls/ports.ts';

/** One request of a run to the table or a backend. */
export type Operation = { to: 'table' | 'route' | 'flow' | 'call'; name: string };

/** Where a run waits: before it sends a request, or before it receives the response. */
export type Point = Operation & { side: 'request' | 'response' };

/**
 * What happens at a point. `stop` ends the run there for good, like a crash. `lose` lets it continue without a
 * response, and `refuse` with the certainty that the request was not taken.
 */
export type Action = 'pass' | 'stop' | 'lose' | 'refuse';

type Outcome<Result> = { kind: 'returned'; value: Result } | { kind: 'threw'; error: unknown };

/** A run of create or reconcile that waits at every point until it is resumed. */
export type Run<Result> = {
  /** Undefined once it has ended or was stopped. */
  readonly at: Point | undefined;
  /** Undefined until it has ended, and forever if it was stopped. */
  readonly outcome: Outcome<Result> | undefined;
  /**
   * Takes the action at the point where it waits. Resolves once it waits at the next one, has ended or is
   * stopped.
   */
  resume(action: Action): Promise<void>;
};

/** Everything that can go wrong at a point. */
export function faultsAt({ to, side }: Point): Action[] {
  return to !== 'table' && side === 'request' ? ['stop', 'lose', 'refuse'] : ['stop', 'lose'];
}

type Gate = <Result>(operation: Operation, send: () => Promise<Result>) => Promise<Result>;

const gates = new AsyncLocalStorage<Gate>();

function failureOf({ to, name }: Operation, action: Action): Error {
  return to === 'table'
    ? new Error(`${name}: no response from the table`)
    : new BackendFailure(to, `${name}: ${action}`, {
        outcome: action === 'refuse' ? 'nothing-done' : 'unknown',
        timedOut: action === 'lose',
      });
}

/** Sends a request when the run that makes it allows it; at once if no run does. */
export function controlled<Result>(operation: Operation, send: () => Promise<Result>): Promise<Result> {
  return gates.getStore()?.(operation, send) ?? send();
}

/** Starts a run. Resolves once it waits at its first point, or has ended. */
export async function startRun<Result>(work: () => Promise<Result>): Promise<Run<Result>> {
  let at: Point | undefined;
  let outcome: Outcome<Result> | undefined;
  let decide: (action: Action) => void = () => {};
  let quiet = Promise.withResolvers<void>();

  const wait = (point: Point): Promise<Action> => {
    if (at !== undefined) throw new Error('a run does one thing at a time');
    at = point;
    const decision = Promise.withResolvers<Action>();
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

  // Concurrent requests of a run are sent one after another.
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
    resume: async (action) => {
      if (at === undefined) throw new Error('the run waits for nothing');
      at = undefined;
      if (action === 'stop') return;
      quiet = Promise.withResolvers();
      decide(action);
      await quiet.promise;
    },
  };
}

/** Lets a run continue until it ends or is stopped, with the action that `actionAt` returns for each point. */
export async function drive<Result>(
  run: Run<Result>,
  actionAt: (point: Point) => Action = () => 'pass',
): Promise<void> {
  for (let { at } = run; at !== undefined; { at } = run) await run.resume(actionAt(at));
}
