import { brokenPromises, readState, type State } from './promises.ts';
import { responseTo, type Scenario } from './scenario.ts';
import type { Statistics } from './statistics.ts';

/**
 * Ends a schedule: settles what it left, adds it to the statistics, and throws if a promise is broken. Returns
 * the final state.
 */
export async function checkPromises(scenario: Scenario, statistics: Statistics): Promise<State> {
  await scenario.settle();
  const state = await readState(scenario);
  statistics.schedules += 1;
  statistics.calls += state.calls.length;
  statistics.records += state.records.length;
  const broken = brokenPromises(state, scenario.attempts.map(responseTo));
  for (const { promise } of broken) statistics.broken[promise] += 1;
  if (broken.length > 0) throw new Error(broken.map(({ promise, how }) => `${promise}: ${how}`).join('; '));
  return state;
}
