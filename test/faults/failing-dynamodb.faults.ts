import type { IncomingMessage } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { MISBEHAVIOURS, type Misbehaviour, startMisbehavingServer } from './misbehaving-server.ts';
import { drive } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER, transport } from './transport.ts';

/*
 * DynamoDB that throttles, fails, stalls, or loses the response to a request that it has served, once or as
 * often as the SDK tries. The SDK repeats its requests here as it does in a function
 * (functions/provider-calls/store-from-environment.ts).
 */

/** Milliseconds for one try: as in a function if a later try is to succeed, fewer if none can. */
const PATIENCE_MS = 2_000;
const SHORT_PATIENCE_MS = 300;

vi.setConfig({ testTimeout: 60_000 });

const fixture = await startFixture({ isConcurrent: true });
const { protocol, hostname, port, path } = (await fixture.dynamodb.config.endpoint?.()) ?? {};
const engine = `${protocol}//${hostname}:${port}${path}`;

const faults: [string, Misbehaviour][] = [
  ['throttles', MISBEHAVIOURS.throttles],
  ['fails before it has written', MISBEHAVIOURS.failsUnserved],
  ['fails after it has written', MISBEHAVIOURS.failsServed],
  ['breaks off before it has written', MISBEHAVIOURS.resetsUnserved],
  ['breaks off after it has written', MISBEHAVIOURS.resetsServed],
  ['does not respond, and has not written', MISBEHAVIOURS.neverRespondsUnserved],
  ['does not respond, and has written', MISBEHAVIOURS.neverRespondsServed],
];

function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target']).split('.').at(-1) ?? '';
}

/** A scenario whose table can be reached through a misbehaving server. */
async function misbehavingScenario(patienceMs: number) {
  const scenario = await createScenario(fixture);
  const server = await startMisbehavingServer(engine);
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
    requestHandler: { requestTimeout: patienceMs, throwOnRequestTimeout: true },
  });
  afterAll(() => client.destroy());
  const documents = DynamoDBDocumentClient.from(client);
  return {
    scenario,
    server,
    /** The stores of the table: of records, and over a broker of claims. */
    failing: {
      store: createProviderCallStore(documents, scenario.tableName),
      callBackend: scenario.backendsAt(scenario.standInUrl, undefined, documents).callBackend,
    },
    /** Misbehaves `times` times, beginning with the `n`th request for an operation. */
    misbehaveAt: (operation: string, n: number, misbehaviour: Misbehaviour, times: number) => {
      let seen = 0;
      server.misbehave(
        (request) => {
          if (operationOf(request) !== operation) return false;
          seen += 1;
          return seen >= n;
        },
        misbehaviour,
        times,
      );
    },
  };
}

/** The operations of a create with a temporary flow, numbered among those of the same kind. */
const STEPS = [
  { step: 'storing the intent', operation: 'PutItem', n: 1 },
  { step: "noting the flow's id", operation: 'UpdateItem', n: 1 },
  ...(transport === 'amqp' ? [{ step: 'claiming the calls', operation: 'PutItem', n: 2 }] : []),
  { step: 'completing the record', operation: 'UpdateItem', n: 2 },
];

describe.each(STEPS)('at $step', ({ operation, n }) => {
  test.concurrent.for(faults)(
    'the request succeeds although the table %s once',
    async ([, misbehaviour], context) => {
      const { scenario, server, failing, misbehaveAt } = await misbehavingScenario(PATIENCE_MS);
      misbehaveAt(operation, n, misbehaviour, 1);
      const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: false }), failing);
      await drive(run);
      server.behave();
      context.expect(run.outcome).toMatchObject({ kind: 'returned', value: { record: { state: 'placed' } } });
      const { records } = await checkPromises(scenario, statisticsOf(context));
      context.expect(records).toHaveLength(1);
    },
  );

  test.concurrent.for(faults)(
    'no promise is broken although the table %s every time',
    async ([, misbehaviour], context) => {
      const { scenario, server, failing, misbehaveAt } = await misbehavingScenario(SHORT_PATIENCE_MS);
      misbehaveAt(operation, n, misbehaviour, Number.POSITIVE_INFINITY);
      const clientRequest = newClientRequest({ withFlow: true, withKey: true });
      const { run } = await scenario.send(clientRequest, failing);
      await drive(run);
      server.behave();
      context.expect(run.outcome?.kind).toBe('threw');
      scenario.wait(SETTLED_AFTER);
      const again = await scenario.send(clientRequest, failing);
      await drive(again.run);
      await checkPromises(scenario, statisticsOf(context));
    },
  );
});

describe.each([
  { what: 'calls that were placed', at: 'response' },
  { what: 'an attempt that placed nothing', at: 'request' },
] as const)('in a reconcile of $what', ({ at }) => {
  test.concurrent.for(
    // Over a broker `PutItem` claims a call.
    ['Query', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].flatMap((operation) =>
      faults.map(([name, misbehaviour]) => ({ operation, name, misbehaviour })),
    ),
  )(
    'a later run settles a record although the table $name at every $operation',
    async ({ operation, misbehaviour }, context) => {
      const { scenario, server, failing, misbehaveAt } = await misbehavingScenario(SHORT_PATIENCE_MS);
      const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: false }));
      await drive(run, ({ to, side }) => (to === 'call' && side === at ? 'stop' : 'pass'));
      scenario.wait(SETTLED_AFTER);
      misbehaveAt(operation, 1, misbehaviour, Number.POSITIVE_INFINITY);
      await drive(await scenario.reconcile(failing));
      server.behave();
      const { records } = await checkPromises(scenario, statisticsOf(context));
      context.expect(records).toHaveLength(at === 'response' ? 1 : 0);
    },
  );
});

test('reconcile settles every record that it can, however many before it fail', async () => {
  const { scenario, server, failing } = await misbehavingScenario(PATIENCE_MS);
  for (let i = 0; i < 30; i += 1) {
    const { run } = await scenario.send(newClientRequest({ withFlow: false, withKey: false }));
    await drive(run, ({ to, side }) => (to === 'call' && side === 'response' ? 'stop' : 'pass'));
    scenario.wait(1);
  }
  const due = await scenario.store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 100 });
  // All reads fail except that of the newest record.
  const unreadable = new Set(due.slice(0, -1).map(({ id }) => id));
  scenario.wait(SETTLED_AFTER);
  const run = await scenario.reconcile({
    store: {
      ...failing.store,
      get: async (id) => {
        if (unreadable.has(id)) throw new Error('not of our shape');
        return await failing.store.get(id);
      },
    },
  });
  await drive(run);
  server.behave();
  expect(run.outcome).toMatchObject({ kind: 'returned', value: { completed: 1 } });
});
