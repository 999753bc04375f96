import { describe, test } from 'vitest';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { explore } from './explore.ts';
import { startFixture } from './fixture.ts';
import { oneFault, onlyStops } from './one-fault.ts';
import { drive } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * Pairs: a create that is stopped at any point, and then a reconcile that is stopped at any point, or that waits at any
 * point while another one runs.
 */

const EXHAUSTIVE_MS = 180_000;

const fixture = await startFixture();

describe.each([
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
])('a create $kind', ({ withFlow }) => {
  test(
    'that is stopped anywhere is settled although reconcile is stopped anywhere too',
    async (context) => {
      const statistics = statisticsOf(context);
      await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const { run } = await scenario.send(newClientRequest({ withFlow, withKey: false }));
        await drive(run, oneFault(choose, onlyStops));
        scenario.wait(SETTLED_AFTER);
        await drive(await scenario.reconcile(), oneFault(choose, onlyStops));
        await checkPromises(scenario, statistics);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that is stopped anywhere is settled by two reconciles, at whichever point one waits while the other runs',
    async (context) => {
      const statistics = statisticsOf(context);
      await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const { run } = await scenario.send(newClientRequest({ withFlow, withKey: false }));
        await drive(run, oneFault(choose, onlyStops));
        scenario.wait(SETTLED_AFTER);
        const waiting = await scenario.reconcile();
        let isAlone = true;
        for (let { at } = waiting; at !== undefined; { at } = waiting) {
          if (isAlone && choose('the other runs now', [true, false])) {
            await drive(await scenario.reconcile());
            isAlone = false;
          }
          await waiting.resume('pass');
        }
        await checkPromises(scenario, statistics);
      });
    },
    EXHAUSTIVE_MS,
  );
});
