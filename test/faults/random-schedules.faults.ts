import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { startLab } from './lab.ts';
import { faultsAt, type Run } from './run.ts';
import { chosenSeed } from './seeded-random.ts';
import { tallyOf } from './tally.ts';
import { newWish } from './wish.ts';
import { createWorld } from './world.ts';

/*
 * Long schedules: several creates, retries and reconciles under way at once, taking turns in any order, meeting faults
 * anywhere, while time passes. Lambda's own limit is kept: no create lives longer than `TIME_LIMITS.create`.
 */

const SCHEDULES = 500;

const lab = await startLab();

/** Milliseconds that can pass at once. */
const waits = [500, 4_000, 12_000, 61_000, TIME_LIMITS.settleAgainAfter];

const step = fc.record({
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constant('go on' as const) },
    { weight: 2, arbitrary: fc.constant('send' as const) },
    { weight: 2, arbitrary: fc.constant('send again' as const) },
    { weight: 2, arbitrary: fc.constant('reconcile' as const) },
    { weight: 1, arbitrary: fc.constant('wait' as const) },
  ),
  pick: fc.nat(),
  /** One in eight points goes wrong. */
  goesWrong: fc.integer({ min: 0, max: 7 }).map((eighth) => eighth === 7),
});

const pickOf = <Item>(items: readonly Item[], pick: number): Item | undefined => items[pick % items.length];

test(
  `${SCHEDULES} random schedules break no promise`,
  async (context) => {
    const seed = chosenSeed();
    console.log(`random schedules: FAULTS_SEED=${seed}`);
    const tally = tallyOf(context);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 90 }), async (steps) => {
        const world = await createWorld(lab);
        let now = 0;
        const live: { run: Run<unknown>; endsAt: number }[] = [];
        const keyed = () => world.attempts.map(({ wish }) => wish).filter((wish) => wish.idempotencyKey);

        for (const { act, pick, goesWrong } of steps) {
          if (act === 'send' || act === 'send again') {
            const again = act === 'send again' ? pickOf(keyed(), pick) : undefined;
            const wish = again ?? newWish({ withFlow: pick % 2 === 0, withKey: pick % 3 > 0 });
            const { run } = await world.send(wish);
            live.push({ run, endsAt: now + TIME_LIMITS.create });
          } else if (act === 'reconcile') {
            live.push({ run: await world.reconcile(), endsAt: Number.POSITIVE_INFINITY });
          } else if (act === 'wait') {
            const passing = pickOf(waits, pick) ?? 0;
            now += passing;
            for (const { run } of live.filter(({ endsAt }) => endsAt < now)) {
              // What was on its way when Lambda ended the create arrives, or does not.
              if (goesWrong && run.at?.side === 'request') await run.resume('pass');
              if (run.at !== undefined) await run.resume('stop');
            }
            world.wait(passing);
          } else {
            const run = pickOf(
              live.filter((one) => one.run.at !== undefined),
              pick,
            )?.run;
            if (run?.at !== undefined) {
              const fault = goesWrong ? pickOf(faultsAt(run.at), pick) : undefined;
              await run.resume(fault ?? 'pass');
            }
          }
        }
        await checkPromises(world, tally);
      }),
      { seed, numRuns: SCHEDULES, endOnFailure: true },
    );
    expect(tally.schedules).toBe(SCHEDULES);
  },
  10 * 60_000,
);
