import { expect, test } from 'vitest';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { type Choose, explore } from './explore.ts';
import { startFixture } from './fixture.ts';
import { type Action, drive, type Point } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * Everything between placing calls and the record that names them: a claim for each call, and then the record.
 */

const EXHAUSTIVE_MS = 5 * 60_000;

const fixture = await startFixture();

function isWrite({ to, name }: Point): boolean {
  return to === 'table' && (name === 'PutItemCommand' || name === 'UpdateItemCommand');
}

test('a reconcile can be stopped at every read and every write of a claim', async () => {
  const scenario = await createScenario(fixture);
  const { run } = await scenario.send(
    newClientRequest({ withFlow: false, withKey: false, withGroupcall: true }),
  );
  await drive(run, ({ to, side }) => (to === 'call' && side === 'response' ? 'stop' : 'pass'));
  scenario.wait(SETTLED_AFTER);
  const met: string[] = [];
  await drive(await scenario.reconcile(), ({ to, name, side }) => {
    if (side === 'request') met.push(`${to} ${name.split('?')[0]}`);
    return 'pass';
  });
  expect(met).toEqual([
    'table QueryCommand',
    'table GetItemCommand',
    'call GET /v1/calls',
    'call GET /v1/calls',
    'call GET /v1/groupcalls',
    'call GET /v1/groupcalls',
    // The owners of the call and of the groupcall, and the other open records.
    'table GetItemCommand',
    'table GetItemCommand',
    'table QueryCommand',
    // The two claims, and the record.
    'table PutItemCommand',
    'table PutItemCommand',
    'table UpdateItemCommand',
    'table QueryCommand',
    'table QueryCommand',
  ]);
});

/** Stops a run at one of its writes, beginning with its first claim, or at none. */
function stoppedWhileClaiming(choose: Choose, who: string, isClaim: (point: Point) => boolean) {
  let isClaiming = false;
  return (point: Point): Action => {
    isClaiming ||= isClaim(point);
    if (!isClaiming || !isWrite(point)) return 'pass';
    return choose(`${who}: ${point.name}, ${point.side}`, ['pass', 'stop'] as const);
  };
}

test(
  'a create and the two reconciles after it can each be stopped at any claim without leaving a call without a record',
  async (context) => {
    const statistics = statisticsOf(context);
    const schedules = await explore(async (choose) => {
      const scenario = await createScenario(fixture);
      const { run } = await scenario.send(
        newClientRequest({ withFlow: false, withKey: false, withGroupcall: true }),
      );
      let isDialled = false;
      await drive(
        run,
        stoppedWhileClaiming(choose, 'create', (point) => {
          isDialled ||= point.to === 'call';
          return isDialled;
        }),
      );
      for (const who of ['the first reconcile', 'the second reconcile']) {
        scenario.wait(SETTLED_AFTER);
        await drive(await scenario.reconcile(), stoppedWhileClaiming(choose, who, isWrite));
      }
      const { records } = await checkPromises(scenario, statistics);
      expect(records).toMatchObject([
        { state: 'placed', callIds: [expect.any(String)], groupcallIds: [expect.any(String)] },
      ]);
    });
    // For each run that has something to do: before and after each of the two claims and the record's completion.
    expect(schedules).toBe(187);
  },
  EXHAUSTIVE_MS,
);
