import { execFileSync } from 'node:child_process';
import {
  PutItemCommand,
  type PutItemCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { runbookCommands } from '../../bin/runbook-commands.ts';
import { TIME_LIMITS } from '../../functions/provider-calls/ports.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { checkPromises } from './check-promises.ts';
import { newClientRequest } from './client-request.ts';
import { explore } from './explore.ts';
import { startFixture } from './fixture.ts';
import { type Action, drive, type Point } from './run.ts';
import { createScenario, type Scenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';

/*
 * Equal requests without a key or a flow, whose calls cannot be distinguished. Whatever happens to each
 * request, no call is in two records, ambiguous calls are named as candidates, and an operator who follows the
 * runbook can settle them.
 */

const EXHAUSTIVE_MS = 5 * 60_000;

const fixture = await startFixture();

function isPost({ to, side }: Point, wanted: Point['side']): boolean {
  return to === 'call' && side === wanted;
}

/** How a create ends, and whether its calls can be identified. */
const ENDS: Record<string, { at: (point: Point) => Action; isPlaced: boolean; isKnown: boolean }> = {
  'gets its response': { at: () => 'pass', isPlaced: true, isKnown: true },
  'dies between its claims and its record': {
    at: ({ to, name, side }) =>
      to === 'table' && name === 'UpdateItemCommand' && side === 'request' ? 'stop' : 'pass',
    isPlaced: true,
    isKnown: true,
  },
  'has its calls placed and gets no response': {
    at: (point) => (isPost(point, 'response') ? 'lose' : 'pass'),
    isPlaced: true,
    isKnown: false,
  },
  'dies with its calls placed': {
    at: (point) => (isPost(point, 'response') ? 'stop' : 'pass'),
    isPlaced: true,
    isKnown: false,
  },
  'gets no response, and nothing is placed': {
    at: (point) => (isPost(point, 'request') ? 'lose' : 'pass'),
    isPlaced: false,
    isKnown: false,
  },
  'dies before anything is placed': {
    at: (point) => (isPost(point, 'request') ? 'stop' : 'pass'),
    isPlaced: false,
    isKnown: false,
  },
};

function isAmbiguous(record: StoredProviderCall): boolean {
  return record.state === 'unconfirmed' && record.candidates.length > 0;
}

/**
 * Runs the runbook's transaction as separate requests, because the embedded DynamoDB does not support
 * transactions.
 */
function byHand({ tableName }: Scenario, { id, attempt }: StoredProviderCall, callId: string) {
  const printed = execFileSync(
    'bash',
    ['-c', `aws() { printf %s "$4"; }\n${runbookCommands('complete an ambiguous record')}`],
    {
      env: { PATH: process.env['PATH'], TABLE: tableName, ID: id, ATTEMPT: attempt, CALL_ID: callId },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const transaction = z.tuple([
    z.object({ Put: z.custom<PutItemCommandInput>() }),
    z.object({ Update: z.custom<UpdateItemCommandInput>() }),
  ]);
  const [{ Put: claim }, { Update: complete }] = z.parse(transaction, JSON.parse(printed));
  return { claim: new PutItemCommand(claim), complete: new UpdateItemCommand(complete) };
}

describe.each([
  { kind: 'a call each', withGroupcall: false, units: 1 },
  { kind: 'a call and a groupcall each', withGroupcall: true, units: 2 },
])('two equal requests for $kind', ({ withGroupcall, units }) => {
  test(
    'are settled if only one of them can have placed the calls, and name all calls if both can',
    async (context) => {
      const statistics = statisticsOf(context);
      const schedules = await explore(async (choose) => {
        const scenario = await createScenario(fixture);
        const clientRequest = newClientRequest({ withFlow: false, withKey: false, withGroupcall });
        const ends = ['the first', 'the second'].map(
          (which) => ENDS[choose(which, Object.keys(ENDS))] ?? expect.fail(),
        );
        for (const { at } of ends) {
          await drive((await scenario.send(clientRequest)).run, at);
          scenario.wait(1_000);
        }
        const { records } = await checkPromises(scenario, statistics);

        const known = ends.filter(({ isKnown }) => isKnown).length;
        const placed = ends.filter(({ isKnown, isPlaced }) => !isKnown && isPlaced).length;
        const isClear = ends.length - known < 2 || placed === 0;
        const ambiguous = records.filter(isAmbiguous);
        expect(records.filter(({ state }) => state === 'placed')).toHaveLength(
          isClear ? known + placed : known,
        );
        expect(ambiguous).toHaveLength(isClear ? 0 : 2);
        for (const record of ambiguous) expect(record).toHaveProperty('candidates.length', placed * units);
      });
      expect(schedules).toBe(Object.keys(ENDS).length ** 2);
    },
    EXHAUSTIVE_MS,
  );
});

test(
  'three ambiguous equal requests can be completed by hand one after another, with the calls in any order',
  async (context) => {
    const statistics = statisticsOf(context);
    const unknown = ['has its calls placed and gets no response', 'gets no response, and nothing is placed'];
    await explore(async (choose) => {
      const scenario = await createScenario(fixture);
      const clientRequest = newClientRequest({ withFlow: false, withKey: false });
      const ends = ['the first', 'the second', 'the third'].map(
        (which) => ENDS[choose(which, unknown)] ?? expect.fail(),
      );
      for (const { at } of ends) await drive((await scenario.send(clientRequest)).run, at);
      let { records, calls } = await checkPromises(scenario, statistics);

      const [from, whose] = [
        choose('by hand', ['first', 'last']),
        choose('with the call', ['first', 'last']),
      ];
      // Without a transaction, reconcile may run between the two requests and complete the record itself.
      const isInterrupted = choose('a reconcile runs in between', [false, true]);
      for (const _ of calls) {
        const open = records.filter(isAmbiguous);
        const record = open.at(from === 'first' ? 0 : -1);
        const callId = record?.state === 'unconfirmed' && record.candidates.at(whose === 'first' ? 0 : -1);
        // The rest is no longer ambiguous.
        if (!record || !callId) break;
        const own = byHand(scenario, record, callId);
        await fixture.dynamodb.send(own.claim);
        if (isInterrupted) {
          scenario.wait(TIME_LIMITS.maxSettleAgainAfter);
          await drive(await scenario.reconcile());
        } else {
          await fixture.dynamodb.send(own.complete);
        }
        const [other] = open.filter(({ id }) => id !== record.id);
        if (other === undefined) expect.fail('a single record is ambiguous');
        await expect(fixture.dynamodb.send(byHand(scenario, other, callId).claim)).rejects.toThrow(
          'The conditional request failed',
        );
        ({ records, calls } = await checkPromises(scenario, statistics));
        expect(records).toContainEqual(expect.objectContaining({ id: record.id, callIds: [callId] }));
      }
      expect(records.map(({ state }) => state)).toEqual(calls.map(() => 'placed'));
    });
  },
  EXHAUSTIVE_MS,
);
