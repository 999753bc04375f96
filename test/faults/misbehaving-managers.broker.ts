import { expect, inject, test } from 'vitest';
import { createVirtualHost } from '../rabbitmq.ts';
import { type ManagerBehaviour, startBroker } from './broker.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { readState } from './promises.ts';
import { drive, type Run } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * Managers that carry out requests but send useless replies: they cannot be parsed, are too large, or belong to
 * no request. Late and repeated replies are in failing-broker.broker.ts.
 */

/** Time limit in milliseconds for a request whose reply never arrives. */
const IMPATIENT_MS = 1_500;

const broker = startBroker(await createVirtualHost(inject('rabbitmq')));
const fixture = await startFixture({ over: broker });

function changed(change: (reply: { status_code: number; data?: unknown }) => unknown): ManagerBehaviour {
  return { body: (reply) => JSON.stringify(change(JSON.parse(reply))) };
}

const REPLIES: Record<string, ManagerBehaviour> = {
  'is empty': { body: () => '' },
  'is not JSON': { body: (reply) => reply.slice(0, -2) },
  'is not an envelope': { body: () => '[]' },
  'has no status': changed(({ data }) => ({ data })),
  'has a status that is text': changed((reply) => ({ ...reply, status_code: '200' })),
  'has a status out of range': changed((reply) => ({ ...reply, status_code: 1_000 })),
  'has no data': changed(({ status_code }) => ({ status_code })),
  'has data that are text': changed((reply) => ({ ...reply, data: 'ok' })),
  'has data without their fields': changed((reply) => ({ ...reply, data: { result: 'ok' } })),
  'is larger than 4 MiB': changed((reply) => ({ ...reply, padding: ' '.repeat(4 * 1024 * 1024) })),
  'has a correlation id of nobody': { correlationId: '00000000-0000-4000-8000-000000000001' },
  'has no correlation id': { correlationId: '' },
};

/** Returns what a client receives: the reason of an error, or `record`. */
function outcomeOf({ outcome }: Run<unknown>) {
  return outcome?.kind === 'threw' ? outcome.error : outcome?.kind;
}

test.for(Object.entries(REPLIES))(
  'a reply to POST /v1/calls that %s leaves an unconfirmed record, nothing is dialled again, and reconcile finds the calls',
  async ([, behaviour], context) => {
    const scenario = await createScenario(fixture);
    const clientRequest = newClientRequest({ withFlow: true, withKey: true });
    const { callBackend } = scenario.backendsAt(scenario.standInUrl, IMPATIENT_MS);
    broker.managersDo(({ method, path }) =>
      method === 'POST' && path === '/v1/calls' ? behaviour : 'respond',
    );
    const first = await scenario.send(clientRequest, { callBackend });
    await drive(first.run);
    broker.managersDo(() => 'respond');
    expect(outcomeOf(first.run)).toMatchObject({ reason: 'CALL_OUTCOME_UNKNOWN' });
    const { records, calls } = await readState(scenario);
    expect(records).toMatchObject([{ state: 'unconfirmed', callIds: [] }]);
    expect(calls).toHaveLength(1);

    const again = await scenario.send(clientRequest);
    await drive(again.run);
    expect(outcomeOf(again.run)).toMatchObject({ reason: 'CALL_OUTCOME_UNKNOWN' });
    const settled = await checkPromises(scenario, statisticsOf(context));
    expect(settled.calls).toEqual(calls);
    expect(settled.records).toMatchObject([{ state: 'placed', callIds: calls.map(({ id }) => id) }]);
  },
);

test.for(Object.entries(REPLIES))(
  'a reply to POST /v1/flows that %s lets nothing be dialled, and no flow is left',
  async ([, behaviour], context) => {
    const scenario = await createScenario(fixture);
    const { flowBackend } = scenario.backendsAt(scenario.standInUrl, IMPATIENT_MS);
    broker.managersDo(({ method }) => (method === 'POST' ? behaviour : 'respond'));
    const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: true }), { flowBackend });
    await drive(run);
    broker.managersDo(() => 'respond');
    expect(outcomeOf(run)).toMatchObject({ message: expect.stringContaining('Nothing was dialled') });
    const state = await checkPromises(scenario, statisticsOf(context));
    expect(state).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
  },
);

test.for(Object.entries(REPLIES))(
  'a list of calls that %s settles nothing',
  async ([, behaviour], context) => {
    const scenario = await createScenario(fixture);
    const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: false }));
    await drive(run, ({ to, side }) => (to === 'call' && side === 'response' ? 'stop' : 'pass'));
    scenario.wait(SETTLED_AFTER);
    broker.managersDo(() => behaviour);
    await drive(await scenario.reconcile(scenario.backendsAt(scenario.standInUrl, IMPATIENT_MS)));
    broker.managersDo(() => 'respond');
    expect((await readState(scenario)).records).toMatchObject([{ state: 'unconfirmed' }]);
    const { records } = await checkPromises(scenario, statisticsOf(context));
    expect(records).toMatchObject([{ state: 'placed' }]);
  },
);
