import { describe, test } from 'vitest';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { explore } from './explore.ts';
import { startFixture } from './fixture.ts';
import { oneFault } from './one-fault.ts';
import { type Action, drive, faultsAt, type Point } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { isSampled, SETTLED_AFTER } from './transport.ts';

/*
 * All pairs of two faults: stops, lost requests, lost responses and rejections.
 */

const EXHAUSTIVE_MS = 10 * 60_000;

const fixture = await startFixture();

/** In a sample only lost and refused requests; pairs of stops are in faults-in-reconcile.test.ts. */
function faults(point: Point): Action[] {
  return faultsAt(point).filter((action) => !isSampled || action !== 'stop');
}

describe.each([
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
])('a create $kind', ({ withFlow }) => {
  test(
    'that meets a fault anywhere, and another one afterwards, breaks no promise',
    async (context) => {
      const statistics = statisticsOf(context);
      await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const { run } = await scenario.send(newClientRequest({ withFlow, withKey: false }));
        const [first, second] = [oneFault(choose, faults), oneFault(choose, faults)];
        let met = false;
        await drive(run, (point) => {
          const action = met ? second(point) : first(point);
          met ||= action !== 'pass';
          return action;
        });
        await checkPromises(scenario, statistics);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that meets a fault anywhere, like the reconcile after it, breaks no promise',
    async (context) => {
      const statistics = statisticsOf(context);
      await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const { run } = await scenario.send(newClientRequest({ withFlow, withKey: false }));
        await drive(run, oneFault(choose, faults));
        scenario.wait(SETTLED_AFTER);
        await drive(await scenario.reconcile(), oneFault(choose, faults));
        await checkPromises(scenario, statistics);
      });
    },
    EXHAUSTIVE_MS,
  );

  test(
    'that meets a fault anywhere, like the retry after it, breaks no promise',
    async (context) => {
      const statistics = statisticsOf(context);
      await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const clientRequest = newClientRequest({ withFlow, withKey: true });
        const first = await scenario.send(clientRequest);
        await drive(first.run, oneFault(choose, faults));
        scenario.wait(SETTLED_AFTER);
        const second = await scenario.send(clientRequest);
        await drive(second.run, oneFault(choose, faults));
        await checkPromises(scenario, statistics);
      });
    },
    EXHAUSTIVE_MS,
  );
});
