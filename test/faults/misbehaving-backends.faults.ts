import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, type TestContext, test } from 'vitest';
import { PlatformError } from '../../functions/platform-error.ts';
import { getProviderCall } from '../../functions/provider-calls/get-provider-call.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import {
  MISBEHAVIOURS,
  type Misbehaviour,
  startMisbehavingServer,
  writeTwoGigabytes,
} from './misbehaving-server.ts';
import { readState } from './promises.ts';
import { drive, type Run } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * Backends that close connections, lie, stall and flood, over real connections. The result of create is checked
 * before and after reconcile runs.
 */

const fixture = await startFixture();

/** Nothing listens on port 1 of this machine, and RFC 6761 keeps .invalid from ever resolving. */
const NOBODY = {
  'a refused connection': 'http://127.0.0.1:1',
  'a name that does not resolve': 'http://nobody.invalid',
};

/** Time limit of every request in milliseconds, short because some never get a response. */
const SHORT_MS = 300;

function reasonOf({ outcome }: Run<unknown>): string | undefined {
  return outcome?.kind === 'threw' && outcome.error instanceof PlatformError
    ? outcome.error.reason
    : outcome?.kind;
}

function onRequest(method: string, path: string) {
  return (request: IncomingMessage): boolean =>
    request.method === method && request.url?.startsWith(path) === true;
}

/** A scenario with a misbehaving server in front of its stand-in. */
async function misbehavingScenario() {
  const scenario = await createScenario(fixture);
  const server = await startMisbehavingServer(scenario.standInUrl);
  return {
    scenario,
    server,
    misbehaving: scenario.backendsAt(server.url),
    impatient: scenario.backendsAt(server.url, SHORT_MS),
  };
}

describe('a request that certainly placed nothing leaves no record and no flow, and its response says so:', () => {
  test.each(Object.entries(NOBODY))('%s', async (_, url) => {
    const scenario = await createScenario(fixture);
    const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: true }), {
      callBackend: scenario.backendsAt(url).callBackend,
    });
    await drive(run);
    expect(reasonOf(run)).toBe('SERVICE_UNAVAILABLE');
    expect(await readState(scenario)).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
  });

  test.each([
    [400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
    [402, 'INSUFFICIENT_BALANCE', 'INSUFFICIENT_BALANCE'],
    [404, 'FLOW_NOT_FOUND', 'FLOW_NOT_FOUND'],
    [429, 'RATE_LIMIT_EXCEEDED', 'RATE_LIMIT_EXCEEDED'],
  ])('a response of %i', async (status, reason, expected) => {
    const { scenario, server, misbehaving } = await misbehavingScenario();
    server.misbehave(onRequest('POST', '/v1/calls'), async (response) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { reason, message: 'no' } }));
    });
    const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: true }), misbehaving);
    await drive(run);
    expect(reasonOf(run)).toBe(expected);
    expect(await readState(scenario)).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
  });
});

const unknown: [string, Misbehaviour, number][] = [
  ['a connection reset before the request was served', MISBEHAVIOURS.resetsUnserved, 0],
  ['a connection reset before the response', MISBEHAVIOURS.resetsServed, 1],
  ['a connection reset within the response', MISBEHAVIOURS.resetsWithinBody, 1],
  ['no response in time, and nothing placed', MISBEHAVIOURS.neverRespondsUnserved, 0],
  ['no response in time, and the calls placed', MISBEHAVIOURS.neverRespondsServed, 1],
  ['calls that are placed after the timeout', MISBEHAVIOURS.servesLate, 1],
  ['a 500 before it placed the calls', MISBEHAVIOURS.failsUnserved, 0],
  ['a 502 after it placed the calls', MISBEHAVIOURS.failsServed, 1],
  ['a response that is not JSON', MISBEHAVIOURS.respondsWithoutJson, 1],
  ['a response that misses its fields', MISBEHAVIOURS.respondsWithoutFields, 1],
  ['a response that names no call', MISBEHAVIOURS.respondsWithEmptyLists, 1],
  ['a redirect', MISBEHAVIOURS.redirects, 0],
  ['a response of 2 GB', MISBEHAVIOURS.respondsWithTwoGigabytes, 1],
];

describe('an unknown outcome leaves an unconfirmed record and its flow, and is settled by reconcile without a second call:', () => {
  test.for(unknown)('%s', async ([, misbehaviour, placed], context) => {
    const { scenario, server, impatient } = await misbehavingScenario();
    server.misbehave(onRequest('POST', '/v1/calls'), misbehaviour);
    const clientRequest = newClientRequest({ withFlow: true, withKey: true });
    const first = await scenario.send(clientRequest, { callBackend: impatient.callBackend });
    await drive(first.run);
    await server.idle();

    expect(first.run.outcome).toMatchObject({
      kind: 'threw',
      error: { reason: 'CALL_OUTCOME_UNKNOWN', details: [{ providercall_id: expect.any(String) }] },
    });
    const { records, listedIds, calls, flows } = await readState(scenario);
    const [record] = records;
    expect(record).toMatchObject({ state: 'unconfirmed', callIds: [], groupcallIds: [] });
    expect(listedIds).toEqual([record?.id]);
    expect(calls).toHaveLength(placed);
    expect(flows).toMatchObject([{ tm_delete: null }]);

    const second = await scenario.send(clientRequest);
    await drive(second.run);
    expect(second.run.outcome).toMatchObject({
      kind: 'threw',
      error: { reason: 'CALL_OUTCOME_UNKNOWN', details: [{ providercall_id: record?.id }] },
    });
    expect((await readState(scenario)).calls).toEqual(calls);

    const settled = await checkPromises(scenario, statisticsOf(context));
    expect(settled.records).toHaveLength(placed);
    expect(settled.calls).toHaveLength(placed);
  });
});

const misbehaviours = Object.entries(MISBEHAVIOURS).filter(([name]) => name !== 'throttles');

describe('no promise is broken by what a backend does to one request:', () => {
  /** Lets a backend misbehave at one request of a create: nothing is placed, and nothing is left. */
  const leavesNothing = async (
    [, misbehaviour]: (typeof misbehaviours)[number],
    asked: ReturnType<typeof onRequest>,
    backend: 'flowBackend' | 'routeBackend',
    context: TestContext,
  ) => {
    const { scenario, server, impatient } = await misbehavingScenario();
    server.misbehave(asked, misbehaviour);
    const { run } = await scenario.send(newClientRequest({ withFlow: true, withKey: true }), {
      [backend]: impatient[backend],
    });
    await drive(run);
    await server.idle();
    expect(run.outcome?.kind).toBe('threw');
    const state = await checkPromises(scenario, statisticsOf(context));
    expect(state).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
  };

  test.for(misbehaviours)('creation of the temporary flow: %s', (misbehaviour, context) =>
    leavesNothing(misbehaviour, onRequest('POST', '/v1/flows'), 'flowBackend', context),
  );

  test.for(misbehaviours)('lookup of the provider: %s', (misbehaviour, context) =>
    leavesNothing(misbehaviour, onRequest('GET', '/v1/providers'), 'routeBackend', context),
  );

  /**
   * Runs a create that dies after it has placed its calls, or before that but after it has created its flow.
   */
  const dead = async (at: 'request' | 'response') => {
    const parts = await misbehavingScenario();
    const { run } = await parts.scenario.send(newClientRequest({ withFlow: true, withKey: false }));
    await drive(run, ({ to, side }) => (to === 'call' && side === at ? 'stop' : 'pass'));
    parts.scenario.wait(SETTLED_AFTER);
    return parts;
  };

  test.for(misbehaviours)('list of what was placed: %s', async ([name, misbehaviour], context) => {
    const { scenario, server, impatient } = await dead('response');
    server.misbehave(onRequest('GET', '/v1/calls'), misbehaviour);
    await drive(await scenario.reconcile({ callBackend: impatient.callBackend }));
    const [record] = (await readState(scenario)).records;
    // The one lie that cannot be detected: "nothing was placed".
    if (name === 'respondsWithEmptyLists') {
      expect(record).toBeUndefined();
      return;
    }
    expect(record).toMatchObject({ state: 'unconfirmed' });
    await checkPromises(scenario, statisticsOf(context));
  });

  test.for(misbehaviours)('deletion of the flow: %s', async ([, misbehaviour], context) => {
    const { scenario, server, impatient } = await dead('request');
    server.misbehave(onRequest('DELETE', '/v1/flows'), misbehaviour);
    await drive(await scenario.reconcile({ flowBackend: impatient.flowBackend }));
    await server.idle();
    const state = await checkPromises(scenario, statisticsOf(context));
    expect(state).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
  });
});

test('a response of 2 GB is not read', async () => {
  const { scenario, server, misbehaving } = await misbehavingScenario();
  const written = Promise.withResolvers<number>();
  server.misbehave(onRequest('POST', '/v1/calls'), async (response: ServerResponse) => {
    written.resolve(await writeTwoGigabytes(response));
  });
  const { run } = await scenario.send(newClientRequest({ withFlow: false, withKey: true }), misbehaving);
  await drive(run);
  expect(reasonOf(run)).toBe('CALL_OUTCOME_UNKNOWN');
  // What was read and what the sockets hold: tens of megabytes at most.
  expect(await written.promise).toBeLessThan(64 * 1024 * 1024);
});

test('no client gets an intent', async () => {
  const scenario = await createScenario(fixture);
  const clientRequest = newClientRequest({ withFlow: true, withKey: true });
  const { run } = await scenario.send(clientRequest);
  await drive(run, ({ to, side }) => (to === 'call' && side === 'response' ? 'stop' : 'pass'));
  const { records, listedIds } = await readState(scenario);
  const [intent] = records;
  expect(intent?.state).toBe('intent');
  expect(listedIds).toEqual([]);
  await expect(
    getProviderCall(scenario, createRequestScope('request-1'), {
      customerId: scenario.customerId,
      id: intent?.id ?? '',
    }),
  ).rejects.toMatchObject({
    reason: 'PROVIDERCALL_NOT_FOUND',
  });
});
