import { describe, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { explore } from './explore.ts';
import { startLab } from './lab.ts';
import { oneFault } from './one-fault.ts';
import { drive } from './run.ts';
import { tallyOf } from './tally.ts';
import { newWish } from './wish.ts';
import { createWorld } from './world.ts';

/* All pairs of any two faults: stops, lost requests, lost answers and refusals alike. */

const EXHAUSTIVE_MS = 10 * 60_000;

const lab = await startLab();

describe.each([
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
])('a create $kind', ({ withFlow }) => {
  test(
    'that meets a fault anywhere, and one more in what it then does',
    async (context) => {
      const tally = tallyOf(context);
      await explore(async (choose) => {
        const world = await createWorld(lab);
        const { run } = await world.send(newWish({ withFlow, withKey: false }));
        const [first, second] = [oneFault(choose), oneFault(choose)];
        let met = false;
        await drive(run, (point) => {
          const verdict = met ? second(point) : first(point);
          met ||= verdict !== 'pass';
          return verdict;
        });
        await checkPromises(world, tally);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that meets a fault anywhere, and then a reconcile that does',
    async (context) => {
      const tally = tallyOf(context);
      await explore(async (choose) => {
        const world = await createWorld(lab);
        const { run } = await world.send(newWish({ withFlow, withKey: false }));
        await drive(run, oneFault(choose));
        world.wait(TIME_LIMITS.intentLifetime);
        await drive(await world.reconcile(), oneFault(choose));
        await checkPromises(world, tally);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that meets a fault anywhere, and then the retry that does',
    async (context) => {
      const tally = tallyOf(context);
      await explore(async (choose) => {
        const world = await createWorld(lab);
        const wish = newWish({ withFlow, withKey: true });
        const first = await world.send(wish);
        await drive(first.run, oneFault(choose));
        world.wait(TIME_LIMITS.intentLifetime);
        const second = await world.send(wish);
        await drive(second.run, oneFault(choose));
        await checkPromises(world, tally);
      });
    },
    EXHAUSTIVE_MS,
  );
});
