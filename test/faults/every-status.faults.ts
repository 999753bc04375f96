import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { PlatformError } from '../../functions/platform-error.ts';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { startMisbehavingServer } from './misbehaving-server.ts';
import { readState } from './promises.ts';
import { drive, type Run } from './run.ts';
import { createScenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * A proxy in front of a backend that responds with a status of its own; over a broker, a manager that replies
 * with it. If the status is one after which certainly nothing was done, the proxy has not forwarded the
 * request. With any other status the request has been served, as when a proxy times out.
 */

const fixture = await startFixture();

const CERTAIN = [400, 401, 402, 403, 404, 405, 413, 415, 429];
const OTHERS = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
  (status) => !CERTAIN.includes(status),
);

function isPost(path: string) {
  return (request: IncomingMessage) => request.method === 'POST' && request.url?.startsWith(path) === true;
}

/** Starts a proxy that responds with the status, with or without having forwarded the request. */
async function proxied(status: number, forwards: boolean, matches: (request: IncomingMessage) => boolean) {
  const scenario = await createScenario(fixture);
  const proxy = await startMisbehavingServer(scenario.standInUrl);
  proxy.misbehave(matches, async (response, passOn) => {
    if (forwards) await passOn();
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { reason: 'PROXY', message: 'as the proxy says' } }));
  });
  return { scenario, backends: scenario.backendsAt(proxy.url) };
}

/** Returns what a client receives: `record`, or the reason of the error. */
function responseOf({ outcome }: Run<unknown>): string {
  return outcome?.kind === 'threw' && outcome.error instanceof PlatformError
    ? outcome.error.reason
    : 'record';
}

/** The statuses of POST /v1/calls, by the results of create, settle and retry. */
const results = new Map<string, number[]>();
function note(status: number, { create, settle, retry }: Record<'create' | 'settle' | 'retry', string>) {
  const result = `${create} | ${settle} | ${retry}`;
  results.set(result, [...(results.get(result) ?? []), status]);
}

describe('a proxy that has placed the calls and responds with a status of its own', () => {
  test.for(OTHERS)(
    '%i: the record is unconfirmed, its flow stays, and nothing is dialled again',
    async (status, context) => {
      const { scenario, backends } = await proxied(status, true, isPost('/v1/calls'));
      const clientRequest = newClientRequest({ withFlow: true, withKey: true });
      const first = await scenario.send(clientRequest, { callBackend: backends.callBackend });
      await drive(first.run);
      expect(responseOf(first.run)).toBe('CALL_OUTCOME_UNKNOWN');
      const { records, calls, flows } = await readState(scenario);
      expect(records).toMatchObject([{ state: 'unconfirmed' }]);
      expect(calls).toHaveLength(1);
      expect(flows).toMatchObject([{ tm_delete: null }]);

      const again = await scenario.send(clientRequest, { callBackend: backends.callBackend });
      await drive(again.run);
      expect(responseOf(again.run)).toBe('CALL_OUTCOME_UNKNOWN');

      const settled = await checkPromises(scenario, statisticsOf(context));
      expect(settled.records).toMatchObject([{ state: 'placed' }]);
      expect(settled.calls).toEqual(calls);
      const last = await scenario.send(clientRequest, { callBackend: backends.callBackend });
      await drive(last.run);
      expect(responseOf(last.run)).toBe('record');
      note(status, {
        create: 'CALL_OUTCOME_UNKNOWN',
        settle: 'placed',
        retry: 'CALL_OUTCOME_UNKNOWN, then the record',
      });
    },
  );
});

describe('a backend that rejects the calls with a status that is certain', () => {
  test.for(CERTAIN)('%i: nothing is left, and the same key may be tried again', async (status, context) => {
    const { scenario, backends } = await proxied(status, false, isPost('/v1/calls'));
    const clientRequest = newClientRequest({ withFlow: true, withKey: true });
    const first = await scenario.send(clientRequest, { callBackend: backends.callBackend });
    await drive(first.run);
    expect(first.run.outcome).toMatchObject({
      kind: 'threw',
      error: { message: expect.stringContaining('Nothing was dialled') },
    });
    expect(await readState(scenario)).toEqual({ records: [], listedIds: [], calls: [], flows: [] });
    const again = await scenario.send(clientRequest);
    await drive(again.run);
    expect(responseOf(again.run)).toBe('record');
    const settled = await checkPromises(scenario, statisticsOf(context));
    expect(settled.calls).toHaveLength(1);
    note(status, {
      create: responseOf(first.run),
      settle: 'nothing to settle',
      retry: 'the record of new calls',
    });
  });
});

describe('a proxy before the flow backend', () => {
  test.for([...OTHERS, ...CERTAIN])(
    '%i: nothing is dialled, a retry with the same key reports that, and no flow is left',
    async (status, context) => {
      // A flow that is rejected with 422 does not exist, as with 400 or 404.
      const forwards = !CERTAIN.includes(status) && status !== 422;
      const { scenario, backends } = await proxied(status, forwards, isPost('/v1/flows'));
      const clientRequest = newClientRequest({ withFlow: true, withKey: true });
      for (const wait of [0, 1_000, TIME_LIMITS.intentLifetime]) {
        scenario.wait(wait);
        const { run } = await scenario.send(clientRequest, { flowBackend: backends.flowBackend });
        await drive(run);
        expect(run.outcome).toMatchObject({
          kind: 'threw',
          error: { message: expect.stringContaining('Nothing was dialled') },
        });
      }
      scenario.wait(SETTLED_AFTER);
      const { run } = await scenario.send(clientRequest);
      await drive(run);
      expect(responseOf(run)).toBe('record');
      const { calls, records } = await checkPromises(scenario, statisticsOf(context));
      expect([calls.length, records.length]).toEqual([1, 1]);
    },
  );
});

test('every status from 300 to 599 was tried', () => {
  const lines = [...results].map(([text, list]) => `| ${rangesOf(list)} | ${text} |`);
  console.log(
    ['| status of POST /v1/calls | create | settle | retry |', '| --- | --- | --- | --- |', ...lines].join(
      '\n',
    ),
  );
  const tried = [...results.values()].flat();
  expect(tried.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 300 }, (_, index) => 300 + index),
  );
});

/** Returns numbers as ranges: 300–399, 406. */
function rangesOf(numbers: number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
