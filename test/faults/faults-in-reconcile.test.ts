import { describe, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { explore } from './explore.ts';
import { startLab } from './lab.ts';
import { oneFault, onlyStops } from './one-fault.ts';
import { drive } from './run.ts';
import { tallyOf } from './tally.ts';
import { newWish } from './wish.ts';
import { createWorld } from './world.ts';

/*
 * Pairs: a create that is stopped at any point, and then a reconcile that is stopped at any point, or that waits at any
 * point while another one runs.
 */

const EXHAUSTIVE_MS = 180_000;

const lab = await startLab();

describe.each([
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
])('a create $kind', ({ withFlow }) => {
  test(
    'that is stopped anywhere is put right although reconcile is stopped anywhere too',
    async (context) => {
      const tally = tallyOf(context);
      await explore(async (choose) => {
        const world = await createWorld(lab);
        const { run } = await world.send(newWish({ withFlow, withKey: false }));
        await drive(run, oneFault(choose, onlyStops));
        world.wait(TIME_LIMITS.intentLifetime);
        await drive(await world.reconcile(), oneFault(choose, onlyStops));
        await checkPromises(world, tally);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that is stopped anywhere is put right by two reconciles, whichever point one waits at while the other runs',
    async (context) => {
      const tally = tallyOf(context);
      await explore(async (choose) => {
        const world = await createWorld(lab);
        const { run } = await world.send(newWish({ withFlow, withKey: false }));
        await drive(run, oneFault(choose, onlyStops));
        world.wait(TIME_LIMITS.intentLifetime);
        const waiting = await world.reconcile();
        let isAlone = true;
        for (let { at } = waiting; at !== undefined; { at } = waiting) {
          if (isAlone && choose('the other runs now', [true, false])) {
            await drive(await world.reconcile());
            isAlone = false;
          }
          await waiting.resume('pass');
        }
        await checkPromises(world, tally);
      });
    },
    EXHAUSTIVE_MS,
  );
});
