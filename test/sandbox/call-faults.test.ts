import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Dialer } from '../../sandbox/dialer.ts';
import { callSchema } from '../../sandbox/records/call.ts';
import { createScriptedDialer } from '../../sandbox/scripted-dialer.ts';
import { defaultSeed, seedIds } from '../../sandbox/seed.ts';
import { createVirtualClock } from '../../sandbox/virtual-clock.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { address, beginning, callsBody, startTestSandbox } from './sandbox-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();

type Fault = { after: number; when: 'before' | 'after' };

let fault: Fault | undefined;

/** Breaks the request that many requests from now, before it is sent or after it was carried out. */
dynamodb.middlewareStack.add(
  (next) => async (args) => {
    if (fault === undefined) return await next(args);
    const { when } = fault;
    fault.after -= 1;
    if (fault.after >= 0) return await next(args);
    fault = undefined;
    if (when === 'after') await next(args);
    throw new Error('broken on purpose');
  },
  { step: 'initialize', name: 'fault' },
);

const placedSchema = z.object({
  calls: z.array(z.object({ id: z.string() })),
  groupcalls: z.array(z.object({ id: z.string() })),
});
const body = callsBody({ destinations: [address('tel', '+821012345678'), address('agent', seedIds.agent)] });
/** One provider and the customer: little to write before each of many starts. */
const seed = { ...defaultSeed(), providers: defaultSeed().providers.slice(0, 1), flows: [], dialroutes: [] };
const keyed = { headers: { 'Idempotency-Key': 'key-1' } };

/** A scripted dialer that counts how often each call is dialled. */
const countingDialer = () => {
  const clock = createVirtualClock(beginning);
  const script = createScriptedDialer({ clock });
  const dialled = new Map<string, number>();
  const dialer: Dialer = {
    ...script,
    dial: (attempt, events) => {
      dialled.set(attempt.callId, (dialled.get(attempt.callId) ?? 0) + 1);
      return script.dial(attempt, events);
    },
  };
  return { clock, dialer, dialled };
};

/** Sends the request, broken at one point, and then again: in the same process, or in one started after the first died. */
const sendTwice = async (broken: Fault, then: 'goes on' | 'restarts') => {
  const { clock, dialer, dialled } = countingDialer();
  const errors: unknown[] = [];
  const options = { seed, clock, dialer, onError: (error: unknown) => errors.push(error) };
  let sandbox = await startTestSandbox(dynamodb, options);
  fault = { ...broken };
  const first = await sandbox.http.post('/v1/calls', body, keyed);
  const reached = fault === undefined;
  fault = undefined;
  if (then === 'restarts') {
    await sandbox.close();
    sandbox = await startTestSandbox(dynamodb, { ...options, tableName: sandbox.tableName });
  }
  const found = z.parse(placedSchema, (await sandbox.http.get('/v1/calls?idempotency_key=key-1')).body);
  const second = z.parse(placedSchema, (await sandbox.http.post('/v1/calls', body, keyed)).body);
  const { result: calls } = z.parse(
    z.object({ result: z.array(callSchema) }),
    (await sandbox.http.get('/v1/calls')).body,
  );
  clock.advanceTo(clock.now() + 600_000);
  const ended = z.parse(
    z.object({ result: z.array(callSchema) }),
    (await sandbox.http.get('/v1/calls')).body,
  ).result;
  await sandbox.close();
  return { reached, first, found, second, calls, ended, dialled };
};

describe.each(['goes on', 'restarts'] as const)(
  'when the store fails at any point and the stand-in %s',
  (then) => {
    test.each(['before', 'after'] as const)(
      '%s a write, a key still places one set of calls',
      async (when) => {
        const statuses: number[] = [];
        for (let after = 0; ; after += 1) {
          const { reached, first, found, second, calls, ended, dialled } = await sendTwice(
            { after, when },
            then,
          );
          if (!reached) break;
          statuses.push(first.status);
          const at = `at request ${after}`;
          // Nothing, or all of it: and what was found before the second request is what that one answers.
          expect([0, 1], at).toContain(found.calls.length);
          if (found.calls.length > 0) {
            const ids = (list: { id: string }[]) => list.map(({ id }) => id);
            expect([ids(found.calls), ids(found.groupcalls)], at).toEqual([
              ids(second.calls),
              ids(second.groupcalls),
            ]);
          }
          expect(calls, at).toHaveLength(3);
          expect(
            [...dialled.values()].every((times) => times === 1),
            at,
          ).toBe(true);
          expect(
            ended.every(({ status }) => status === 'hangup'),
            at,
          ).toBe(true);
        }
        // The request itself, a groupcall, three calls, and that all is done. That a webhook's address cannot be read fails nothing.
        expect(statuses.filter((status) => status === 500).length).toBeGreaterThanOrEqual(6);
      },
    );
  },
);
