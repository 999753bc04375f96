import { describe, expect, test } from 'vitest';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { explore } from './explore.ts';
import { startFixture } from './fixture.ts';
import { oneFault } from './one-fault.ts';
import { drive } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER, transport } from './transport.ts';

/*
 * Every point at which a create waits for the table or a backend, and every fault that can happen there: the
 * process ends before the request is sent, after it was served, or after its response; the request is lost or
 * refused; the response is lost. The real code runs with the embedded DynamoDB and the real stand-in, over HTTP
 * or a real broker.
 */

const EXHAUSTIVE_MS = 180_000;

const fixture = await startFixture();

const KINDS = [
  { kind: 'without a flow', withFlow: false },
  { kind: 'with a temporary flow', withFlow: true },
];
const AGAIN = [
  { when: 'at once', wait: 0, reconcileFirst: false },
  { when: 'when the first can be at work no more', wait: SETTLED_AFTER, reconcileFirst: false },
  { when: 'after reconcile', wait: SETTLED_AFTER, reconcileFirst: true },
];

describe.each(KINDS)('a create $kind', ({ withFlow }) => {
  test(
    'that meets one fault anywhere leaves nothing that reconcile does not settle',
    async (context) => {
      const statistics = statisticsOf(context);
      const schedules = await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const { run } = await scenario.send(
          newClientRequest({ withFlow, withKey: false, withGroupcall: true }),
        );
        await drive(run, oneFault(choose));
        await checkPromises(scenario, statistics);
      });
      // Over a broker there are claims to be stored, too.
      const claims = transport === 'amqp' ? 8 : 0;
      expect(schedules).toBe((withFlow ? 28 : 19) + claims);
    },
    EXHAUSTIVE_MS,
  );

  for (const { when, wait, reconcileFirst } of AGAIN) {
    test(
      `that meets one fault anywhere is done once when the client sends it again ${when}`,
      async (context) => {
        const statistics = statisticsOf(context);
        await explore(async (choose) => {
          const scenario = await createScenario(fixture);
          const clientRequest = newClientRequest({ withFlow, withKey: true });
          const first = await scenario.send(clientRequest);
          await drive(first.run, oneFault(choose));
          // A response can also be lost on its way to the client.
          first.heard = first.run.outcome?.kind === 'threw';
          scenario.wait(wait);
          if (reconcileFirst) await drive(await scenario.reconcile());
          const second = await scenario.send(clientRequest);
          await drive(second.run);
          const { calls } = await checkPromises(scenario, statistics);
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
