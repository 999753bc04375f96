import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { startRabbitmq } from '../rabbitmq.ts';
import { type Moment, startBroker } from './broker.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { drive, type Point, type Run } from './run.ts';
import { createScenario, type Scenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * A broker that is killed, closes connections, blocks publishers or loses packets, and managers that die, are
 * late or respond twice, at every request that a create or a reconcile sends. Then everything works again, the
 * client repeats its request, and reconcile runs.
 */

/** Time limit in milliseconds for a request that meets a fault. */
const IMPATIENT_MS = 1_500;

const rabbitmq = await startRabbitmq();
// Hooks run in reverse order, so the broker ends after what uses it.
afterAll(() => rabbitmq.close(), 60_000);

/** A proxy in front of the broker that can lose everything sent in one direction. */
const dropped = { toBroker: false, fromBroker: false };
async function drop(direction: keyof typeof dropped, isOn: boolean) {
  dropped[direction] = isOn;
}
const proxy = createServer((client) => {
  const broker = connect(rabbitmq.node.port, '127.0.0.1');
  client.on('data', (data) => dropped.toBroker || broker.write(data));
  broker.on('data', (data) => dropped.fromBroker || client.write(data));
  for (const [one, other] of [
    [client, broker],
    [broker, client],
  ] as const) {
    one.on('error', () => {});
    one.on('close', () => other.destroy());
  }
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
});
const proxied = new URL(rabbitmq.url);
const address = proxy.address();
if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
proxied.port = String(address.port);

const broker = startBroker(rabbitmq, proxied.href);
const fixture = await startFixture({ over: broker });

/** Faults: before the request is sent, or while a manager has it; and how each is repaired. */
type Fault = {
  before?(scenario: Scenario): Promise<void>;
  during?(moment: Moment): Promise<'respond' | 'respond twice' | 'die'>;
  after?(scenario: Scenario): Promise<void>;
};

const late = { release: () => {} };
function untilReleased() {
  return new Promise<void>((resolve) => {
    late.release = resolve;
  });
}
function at(when: Moment['when'], act: () => Promise<unknown>, then: 'respond' | 'die' = 'respond') {
  return async (moment: Moment) => {
    if (moment.when === when) await act();
    return moment.when === when ? then : 'respond';
  };
}
async function nothing() {}

const faults: Record<string, Fault> = {
  'the broker is killed before the request': {
    before: () => rabbitmq.kill(),
    after: () => rabbitmq.start(),
  },
  'the broker is killed when a manager has taken the request': {
    during: at('taken', () => rabbitmq.kill()),
    after: () => rabbitmq.start(),
  },
  'the broker is killed when a manager has carried it out': {
    during: at('done', () => rabbitmq.kill()),
    after: () => rabbitmq.start(),
  },
  'the broker closes all connections before the request': {
    before: async () => {
      await rabbitmq.closeConnections();
    },
  },
  'the broker closes all connections when a manager has taken it': {
    during: at('taken', () => rabbitmq.closeConnections()),
  },
  'the broker closes all connections when a manager has carried it out': {
    during: at('done', () => rabbitmq.closeConnections()),
  },
  'a memory alarm blocks the publisher': {
    before: () => rabbitmq.setMemoryAlarm(true),
    after: () => rabbitmq.setMemoryAlarm(false),
  },
  'nobody consumes the queue': {
    before: ({ standInUrl }) => broker.stopManagers(standInUrl),
    after: ({ standInUrl }) => broker.startManagers(standInUrl),
  },
  'a manager acknowledges and dies': { during: at('taken', nothing, 'die') },
  'a manager carries it out and dies': { during: at('done', nothing, 'die') },
  'a manager carries it out when the create is over': {
    during: at('taken', untilReleased),
    after: async () => late.release(),
  },
  'a manager responds twice': {
    during: async ({ when }) => (when === 'done' ? 'respond twice' : 'respond'),
  },
  'packets to the broker are lost': {
    before: () => drop('toBroker', true),
    after: () => drop('toBroker', false),
  },
  'packets from the broker are lost': {
    before: () => drop('fromBroker', true),
    after: () => drop('fromBroker', false),
  },
};

/** Drives a run, with the fault at its first request of that name. */
async function driveThrough(
  run: Run<unknown>,
  scenario: Scenario,
  isThere: (point: Point) => boolean,
  { before, during, after }: Fault,
): Promise<void> {
  let isMet = false;
  for (let { at: point } = run; point !== undefined; { at: point } = run) {
    const isNow = point.side === 'request' && isThere(point);
    isMet ||= isNow;
    if (isNow) await before?.(scenario);
    if (isNow && during !== undefined) broker.managersDo(during);
    await run.resume('pass');
    if (isNow) broker.managersDo(() => 'respond');
  }
  expect(isMet).toBe(true);
  await after?.(scenario);
  await broker.idle();
  await managersAreBack();
}

async function managersAreBack(): Promise<void> {
  const isConsumed = ({ consumers }: { consumers: number }) => consumers === 1;
  while (!Object.values(await rabbitmq.queues()).every(isConsumed));
}

describe.each(Object.entries(faults))('%s', (_, fault) => {
  test.for(['GET /v1/providers', 'POST /v1/flows', 'POST /v1/calls'])(
    'no promise is broken when it happens at %s of a create',
    { timeout: 120_000 },
    async (name, context) => {
      const scenario = await createScenario(fixture);
      await broker.startManagers(scenario.standInUrl);
      const clientRequest = newClientRequest({ withFlow: true, withKey: true });
      const { run } = await scenario.send(
        clientRequest,
        scenario.backendsAt(scenario.standInUrl, IMPATIENT_MS),
      );
      await driveThrough(run, scenario, (point) => point.name.startsWith(name), fault);
      const again = await scenario.send(clientRequest);
      await drive(again.run);
      await checkPromises(scenario, statisticsOf(context));
    },
  );

  test.for(['GET /v1/calls', 'GET /v1/groupcalls', 'DELETE /v1/flows'])(
    'no promise is broken when it happens at %s of a reconcile',
    { timeout: 120_000 },
    async (name, context) => {
      const scenario = await createScenario(fixture);
      const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: false }));
      await drive(run, ({ to, side }) => (to === 'call' && side === 'request' ? 'stop' : 'pass'));
      scenario.wait(SETTLED_AFTER);
      const reconciling = await scenario.reconcile(scenario.backendsAt(scenario.standInUrl, IMPATIENT_MS));
      await driveThrough(reconciling, scenario, (point) => point.name.startsWith(name), fault);
      await checkPromises(scenario, statisticsOf(context));
    },
  );
});
