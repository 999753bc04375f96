import { brokenPromises, readState, type State } from './promises.ts';
import type { Tally } from './tally.ts';
import { toldBy, type World } from './world.ts';

/**
 * Ends a schedule: settles what it left, adds it to the tally and throws when a promise is broken. Gives what there
 * is then.
 */
export const checkPromises = async (world: World, tally: Tally): Promise<State> => {
  await world.settle();
  const state = await readState(world);
  tally.schedules += 1;
  tally.calls += state.calls.length;
  tally.records += state.records.length;
  const broken = brokenPromises(state, world.attempts.map(toldBy));
  for (const { promise } of broken) tally.broken[promise] += 1;
  if (broken.length > 0) throw new Error(broken.map(({ promise, how }) => `${promise}: ${how}`).join('; '));
  return state;
};
