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
 * A call backend that compares the bodies sent under one key, as draft-ietf-httpapi-idempotency-key-header
 * describes. A retry with inline actions sends another body under the same key, because its temporary flow has
 * another id (docs/decisions, 0094).
 */

const fixture = await startFixture();

type Comparing = {
  /** The status for a request whose body is not the one of its key. */
  mismatch: 409 | 422;
  /** Whether a rejected request uses up its key. By the contract it does not. */
  remembersRejections?: boolean;
};

/** How a request is handled: rejected, served, served with its response lost, lost, or delivered late. */
type Handling = 'rejected' | 'served' | 'response lost' | 'never arrives' | 'arrives late';

async function startComparingBackend(target: string, { mismatch, remembersRejections = false }: Comparing) {
  const server = await startMisbehavingServer(target);
  const remembered = new Map<string, { body: string; reply: Reply }>();
  const bodies: string[] = [];
  const late: (() => Promise<Reply>)[] = [];
  let handlings: Handling[] = [];
  const rejection = json(402, { error: { reason: 'INSUFFICIENT_BALANCE', message: 'no money' } });

  const replyTo = async (
    key: string,
    body: string,
    handling: Handling,
    passOn: () => Promise<Reply>,
  ): Promise<Reply> => {
    const earlier = remembered.get(key);
    if (earlier !== undefined) {
      return earlier.body === body
        ? earlier.reply
        : json(mismatch, { error: { reason: 'KEY', message: 'used' } });
    }
    const response = handling === 'rejected' ? rejection : await passOn();
    if (handling !== 'rejected' || remembersRejections) remembered.set(key, { body, reply: response });
    return response;
  };

  server.misbehave(
    ({ method, url }: IncomingMessage) => method === 'POST' && url?.startsWith('/v1/calls') === true,
    async (response: ServerResponse, passOn, { headers }, body) => {
      const key = String(headers['idempotency-key']);
      const handling = handlings.shift() ?? 'served';
      bodies.push(body);
      if (handling === 'never arrives') return cut(response);
      if (handling === 'arrives late') {
        late.push(() => replyTo(key, body, 'served', passOn));
        return cut(response);
      }
      const reply = await replyTo(key, body, handling, passOn);
      if (handling === 'response lost') cut(response);
      else send(response, reply);
    },
  );
  return {
    server,
    url: server.url,
    /** How the next requests are handled. */
    next: (...next: Handling[]) => {
      handlings = next;
    },
    deliverLate: () => Promise.all(late.splice(0).map((deliver) => deliver())),
    /** Returns the flow ids of the bodies that were sent, in order. */
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
    ] as const)('serves a retry %s', async (_what, handling, posts) => {
      const { scenario, backend, post } = await startComparing(comparing);
      const clientRequest = withFlow();
      backend.next(handling);
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

    test('dials nothing until there is a new key if it remembers rejected requests, against the contract', async (context) => {
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

test('a flow whose creation a proxy reported as 422 is found by its key and deleted', async (context) => {
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
