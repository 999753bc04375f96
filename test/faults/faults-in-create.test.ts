import { describe, expect, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { explore } from './explore.ts';
import { startLab } from './lab.ts';
import { oneFault } from './one-fault.ts';
import { drive } from './run.ts';
import { tallyOf } from './tally.ts';
import { newWish } from './wish.ts';
import { createWorld } from './world.ts';

/*
 * Every point at which a create waits for the table or a backend, and everything that can go wrong there: the process ends before the request is sent, after it was served, or when it had its answer; the request is
 * lost or refused; the answer is lost. The real code runs over the embedded DynamoDB and the real stand-in, over HTTP.
 */

const EXHAUSTIVE_MS = 180_000;

const lab = await startLab();

const kinds = [
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
];
const again = [
  { when: 'at once', wait: 0, reconcileFirst: false },
  { when: 'when the first can be at work no more', wait: TIME_LIMITS.intentLifetime, reconcileFirst: false },
  { when: 'after reconcile', wait: TIME_LIMITS.intentLifetime, reconcileFirst: true },
];

describe.each(kinds)('a create $kind', ({ withFlow }) => {
  test(
    'that meets one fault anywhere leaves nothing that reconcile does not put right',
    async (context) => {
      const tally = tallyOf(context);
      const schedules = await explore(async (choose) => {
        const world = await createWorld(lab);
        const { run } = await world.send(newWish({ withFlow, withKey: false, withGroupcall: true }));
        await drive(run, oneFault(choose));
        await checkPromises(world, tally);
      });
      expect(schedules).toBe(withFlow ? 28 : 19);
    },
    EXHAUSTIVE_MS,
  );

  for (const { when, wait, reconcileFirst } of again) {
    test(
      `that meets one fault anywhere is done once when the client sends it again ${when}`,
      async (context) => {
        const tally = tallyOf(context);
        await explore(async (choose) => {
          const world = await createWorld(lab);
          const wish = newWish({ withFlow, withKey: true });
          const first = await world.send(wish);
          await drive(first.run, oneFault(choose));
          // An answer can be lost on its last way, too.
          first.heard = first.run.outcome?.kind === 'threw';
          world.wait(wait);
          if (reconcileFirst) await drive(await world.reconcile());
          const second = await world.send(wish);
          await drive(second.run);
          const { calls } = await checkPromises(world, tally);
          if (reconcileFirst) {
            expect(second.run.outcome).toMatchObject({
              kind: 'returned',
              value: { record: { state: 'placed' } },
            });
            expect(calls).toHaveLength(1);
          }
        });
      },
      EXHAUSTIVE_MS,
    );
  }
});
