import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { faultsAt, type Run } from './run.ts';
import { createScenario } from './scenario.ts';
import { chosenSeed } from './seeded-random.ts';
import { statisticsOf } from './statistics.ts';
import { isSampled } from './transport.ts';

/*
 * Long schedules: several creates, retries and reconciles are in progress at once, continue in any order and
 * meet faults anywhere while time passes. No create takes longer than Lambda's own limit, `TIME_LIMITS.create`.
 */

/** Over a broker each schedule takes several times as long, and runs the same code except for the transport. */
const SCHEDULES = isSampled ? 150 : 500;

const fixture = await startFixture();

/** The milliseconds by which time can advance at once. */
const WAITS = [500, 4_000, 12_000, 61_000, TIME_LIMITS.settleAgainAfter];

const step = fc.record({
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constant('go on' as const) },
    { weight: 2, arbitrary: fc.constant('send' as const) },
    { weight: 2, arbitrary: fc.constant('send again' as const) },
    { weight: 2, arbitrary: fc.constant('reconcile' as const) },
    { weight: 1, arbitrary: fc.constant('wait' as const) },
  ),
  pick: fc.nat(),
  /** The share of points at which there is a fault: one in eight. */
  goesWrong: fc.integer({ min: 0, max: 7 }).map((eighth) => eighth === 7),
});

function pickOf<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % items.length];
}

test(
  `${SCHEDULES} random schedules break no promise`,
  async (context) => {
    const seed = chosenSeed();
    console.log(`random schedules: FAULTS_SEED=${seed}`);
    const statistics = statisticsOf(context);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 90 }), async (steps) => {
        const scenario = await createScenario(fixture);
        let now = 0;
        const live: { run: Run<unknown>; endsAt: number }[] = [];
        const keyed = () =>
          scenario.attempts
            .map(({ clientRequest }) => clientRequest)
            .filter((clientRequest) => clientRequest.idempotencyKey);

        for (const { act, pick, goesWrong } of steps) {
          if (act === 'send' || act === 'send again') {
            const again = act === 'send again' ? pickOf(keyed(), pick) : undefined;
            const clientRequest =
              again ?? newClientRequest({ withFlow: pick % 2 === 0, withKey: pick % 3 > 0 });
            const { run } = await scenario.send(clientRequest);
            live.push({ run, endsAt: now + TIME_LIMITS.create });
          } else if (act === 'reconcile') {
            live.push({ run: await scenario.reconcile(), endsAt: Number.POSITIVE_INFINITY });
          } else if (act === 'wait') {
            const passing = pickOf(WAITS, pick) ?? 0;
            now += passing;
            for (const { run } of live.filter(({ endsAt }) => endsAt < now)) {
              // A request that was in transit when Lambda ended the create arrives, or is lost.
              if (goesWrong && run.at?.side === 'request') await run.resume('pass');
              if (run.at !== undefined) await run.resume('stop');
            }
            scenario.wait(passing);
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
        await checkPromises(scenario, statistics);
      }),
      { seed, numRuns: SCHEDULES, endOnFailure: true },
    );
    expect(statistics.schedules).toBe(SCHEDULES);
  },
  10 * 60_000,
);
