import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { PlatformError } from '../../functions/platform-error.ts';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { type ClientRequest, newClientRequest } from './client-request.ts';
import { backendsAt, startFixture } from './fixture.ts';
import { cut, json, type Reply, send, startMisbehavingServer } from './misbehaving-server.ts';
import { readState } from './promises.ts';
import { drive, type Run } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';

/*
 * A call backend that compares the bodies of one key, as draft-ietf-httpapi-idempotency-key-header has it. A retry with inline actions sends
 * another body under the same key: its temporary flow has another id. docs/operations.md, "What the backends promise", says what such a
 * backend must do.
 */

const fixture = await startFixture();

type Comparing = {
  /** What a request gets whose body is not that of its key. */
  mismatch: 409 | 422;
  /** Whether a rejected request uses its key up; by the contract it does not. */
  remembersRejections?: boolean;
};

/** What becomes of a request that arrives: rejected, served, served with its response lost, or lost until it is delivered. */
type Fate = 'rejected' | 'served' | 'response lost' | 'never arrives' | 'arrives late';

async function startComparingBackend(target: string, { mismatch, remembersRejections = false }: Comparing) {
  const server = await startMisbehavingServer(target);
  const remembered = new Map<string, { body: string; reply: Reply }>();
  const bodies: string[] = [];
  const late: (() => Promise<Reply>)[] = [];
  let fates: Fate[] = [];
  const rejection = json(402, { error: { reason: 'INSUFFICIENT_BALANCE', message: 'no money' } });

  const reply = async (
    key: string,
    body: string,
    fate: Fate,
    passOn: () => Promise<Reply>,
  ): Promise<Reply> => {
    const earlier = remembered.get(key);
    if (earlier !== undefined) {
      return earlier.body === body
        ? earlier.reply
        : json(mismatch, { error: { reason: 'KEY', message: 'used' } });
    }
    const response = fate === 'rejected' ? rejection : await passOn();
    if (fate !== 'rejected' || remembersRejections) remembered.set(key, { body, reply: response });
    return response;
  };

  server.misbehave(
    ({ method, url }: IncomingMessage) => method === 'POST' && url?.startsWith('/v1/calls') === true,
    async (response: ServerResponse, passOn, { headers }, body) => {
      const key = String(headers['idempotency-key']);
      const fate = fates.shift() ?? 'served';
      bodies.push(body);
      if (fate === 'never arrives') return cut(response);
      if (fate === 'arrives late') {
        late.push(() => reply(key, body, 'served', passOn));
        return cut(response);
      }
      const answer = await reply(key, body, fate, passOn);
      if (fate === 'response lost') cut(response);
      else send(response, answer);
    },
  );
  return {
    server,
    url: server.url,
    /** What becomes of the next requests. */
    next: (...coming: Fate[]) => {
      fates = coming;
    },
    deliverLate: () => Promise.all(late.splice(0).map((deliver) => deliver())),
    /** The flow ids of the bodies that were sent, in their order. */
    flowIds: () => bodies.map((body) => z.object({ flow_id: z.string() }).parse(JSON.parse(body)).flow_id),
  };
}

async function startComparing(comparing: Comparing) {
  const scenario = await createScenario(fixture);
  const backend = await startComparingBackend(scenario.standInUrl, comparing);
  const { callBackend } = backendsAt(backend.url);
  const post = async (clientRequest: ClientRequest): Promise<string> => {
    const { run } = await scenario.send(clientRequest, { callBackend });
    await drive(run);
    return responseOf(run);
  };
  return { scenario, backend, post };
}

function responseOf({ outcome }: Run<unknown>): string {
  return outcome?.kind === 'threw' && outcome.error instanceof PlatformError
    ? outcome.error.reason
    : 'record';
}

function withFlow() {
  return newClientRequest({ withFlow: true, withKey: true });
}

describe.each([{ mismatch: 409 }, { mismatch: 422 }] as const)(
  'a call backend that responds $mismatch to another body under one key',
  (comparing) => {
    test('places the calls of a retry whose first request it rejected, with another flow', async (context) => {
      const { scenario, backend, post } = await startComparing(comparing);
      const clientRequest = withFlow();
      backend.next('rejected');
      expect(await post(clientRequest)).toBe('INSUFFICIENT_BALANCE');
      expect(await post(clientRequest)).toBe('record');
      expect(new Set(backend.flowIds()).size).toBe(2);
      const { calls, flows } = await checkPromises(scenario, statisticsOf(context));
      expect([calls.length, flows.length]).toEqual([1, 1]);
    });

    test.each([
      ['whose first request never arrived', 'never arrives', 2],
      ['whose first response was lost', 'response lost', 1],
    ] as const)('serves a retry %s', async (_what, fate, posts) => {
      const { scenario, backend, post } = await startComparing(comparing);
      const clientRequest = withFlow();
      backend.next(fate);
      expect(await post(clientRequest)).toBe('CALL_OUTCOME_UNKNOWN');
      scenario.wait(TIME_LIMITS.intentLifetime);
      await drive(await scenario.reconcile());
      expect(await post(clientRequest)).toBe('record');
      expect(backend.flowIds()).toHaveLength(posts);
      expect((await readState(scenario)).calls).toHaveLength(1);
    });

    test('places no second call when the first request arrives after its retry', async (context) => {
      const { scenario, backend, post } = await startComparing(comparing);
      const clientRequest = withFlow();
      backend.next('arrives late');
      expect(await post(clientRequest)).toBe('CALL_OUTCOME_UNKNOWN');
      scenario.wait(TIME_LIMITS.intentLifetime);
      await drive(await scenario.reconcile());
      expect(await post(clientRequest)).toBe('record');
      expect(await backend.deliverLate()).toMatchObject([{ status: comparing.mismatch }]);
      const { calls } = await checkPromises(scenario, statisticsOf(context));
      expect(calls).toHaveLength(1);
    });

    test('and remembers rejected requests, against the contract, dials nothing until there is a new key', async (context) => {
      const { scenario, backend, post } = await startComparing({ ...comparing, remembersRejections: true });
      const clientRequest = withFlow();
      backend.next('rejected');
      expect(await post(clientRequest)).toBe('INSUFFICIENT_BALANCE');
      for (const attempt of [1, 2]) {
        expect(await post(clientRequest), `retry ${attempt}`).toBe('CALL_OUTCOME_UNKNOWN');
        scenario.wait(TIME_LIMITS.intentLifetime);
        await drive(await scenario.reconcile());
        expect(await readState(scenario)).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
      }
      expect(await post(withFlow())).toBe('record');
      const { calls } = await checkPromises(scenario, statisticsOf(context));
      expect(calls).toHaveLength(1);
    });
  },
);

test('a retry to a call backend that replays rejections is rejected like the first request', async (context) => {
  const { scenario, backend, post } = await startComparing({ mismatch: 422, remembersRejections: true });
  const clientRequest = newClientRequest({ withFlow: false, withKey: true });
  backend.next('rejected');
  expect(await post(clientRequest)).toBe('INSUFFICIENT_BALANCE');
  expect(await post(clientRequest)).toBe('INSUFFICIENT_BALANCE');
  expect(await checkPromises(scenario, statisticsOf(context))).toEqual({
    records: [],
    listedIds: [],
    calls: [],
    flows: [],
  });
});

test('a flow that a proxy has created and answered with 422 is found by its key and deleted', async (context) => {
  const scenario = await createScenario(fixture);
  const server = await startMisbehavingServer(scenario.standInUrl);
  server.misbehave(
    ({ method, url }) => method === 'POST' && url?.startsWith('/v1/flows') === true,
    async (response, passOn) => {
      await passOn();
      send(response, json(422, { error: { reason: 'PROXY', message: 'as the proxy says' } }));
    },
    1,
  );
  const { flowBackend } = backendsAt(server.url);
  const { run } = await scenario.send(withFlow(), { flowBackend });
  await drive(run);
  expect(responseOf(run)).toBe('SERVICE_UNAVAILABLE');
  expect((await readState(scenario)).flows).toHaveLength(1);
  expect(await checkPromises(scenario, statisticsOf(context))).toEqual({
    records: [],
    listedIds: [],
    calls: [],
    flows: [],
  });
});
