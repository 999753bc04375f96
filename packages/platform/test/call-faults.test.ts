import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Dialer } from '../src/dialer.ts';
import { callSchema } from '../src/records/call.ts';
import { createScriptedDialer } from '../src/scripted-dialer.ts';
import { SEED_IDS } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { startPlatformInMemory } from './platform-in-memory.ts';
import { address, BEGINNING, callsBody } from './platform-under-test.ts';

const placedSchema = z.object({
  calls: z.array(z.object({ id: z.string() })),
  groupcalls: z.array(z.object({ id: z.string() })),
});
const pageSchema = z.object({ result: z.array(callSchema) });
const body = callsBody({ destinations: [address('tel', '+821012345678'), address('agent', SEED_IDS.agent)] });
const KEY = 'key-1';
const KEYED = { headers: { 'Idempotency-Key': KEY } };
function onError() {}

/** A scripted dialer that counts how often each call is dialled. */
function countingDialer() {
  const clock = createVirtualClock(BEGINNING);
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
}

/** A store whose write breaks that many writes after it was armed. */
function breakingStore(when: 'before' | 'after') {
  let left: number | undefined;
  const store = createMemoryDocumentStore((moment) => {
    if (left === undefined || moment !== when) return;
    left -= 1;
    if (left >= 0) return;
    left = undefined;
    throw new Error('broken on purpose');
  });
  return {
    store,
    arm: (writes: number) => {
      left = writes;
    },
    /** Whether it broke since it was armed. */
    disarm: () => {
      const broke = left === undefined;
      left = undefined;
      return broke;
    },
  };
}

const MOMENTS = ['before', 'after'] as const;
const FATES = ['goes on', 'restarts'] as const;
// The request, a groupcall, three calls, and the note that all of it is written.
const WRITES = [0, 1, 2, 3, 4, 5];

describe.each(FATES)('when the stand-in %s after a write that failed', (fate) => {
  describe.each(MOMENTS)('%s it was carried out', (when) => {
    /** Sends the request, broken at one write, then asks what it placed, then sends it again. */
    const sendTwice = async (write: number, asks: boolean) => {
      const { clock, dialer, dialled } = countingDialer();
      const { store, arm, disarm } = breakingStore(when);
      let platform = await startPlatformInMemory({ store, clock, dialer, onError });
      arm(write);
      const first = await platform.http.post('/v1/calls', body, KEYED);
      const broke = disarm();
      if (fate === 'restarts') {
        await platform.close();
        platform = await startPlatformInMemory({ store, clock, dialer, onError });
      }
      const found = asks
        ? z.parse(placedSchema, (await platform.http.get(`/v1/calls?idempotency_key=${KEY}`)).body)
        : undefined;
      const dialledBefore = new Map(dialled);
      const second = z.parse(placedSchema, (await platform.http.post('/v1/calls', body, KEYED)).body);
      clock.advanceTo(clock.now() + 600_000);
      const ids = z.parse(pageSchema, (await platform.http.get('/v1/calls')).body).result.map(({ id }) => id);
      const calls = await Promise.all(
        ids.map(async (id) => z.parse(callSchema, (await platform.http.get(`/v1/calls/${id}`)).body)),
      );
      return { broke, first, found, second, calls, dialled, dialledBefore };
    };

    test.each(WRITES)(
      'write %i: the key places one set of calls, each dialled once at most',
      async (write) => {
        for (const asks of [true, false]) {
          const { broke, first, found, second, calls, dialled, dialledBefore } = await sendTwice(write, asks);
          expect([broke, first.status]).toEqual([true, 500]);
          expect(calls).toHaveLength(3);
          expect(calls.every(({ status }) => status === 'hangup')).toBe(true);
          expect(Math.max(0, ...dialled.values())).toBeLessThanOrEqual(1);
          if (found === undefined) continue;
          // Once the request is accepted, the query returns all of it, and nothing is dialled after that.
          expect(found.calls).toHaveLength(write === 0 && when === 'before' ? 0 : 1);
          if (found.calls.length === 0) continue;
          const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
          expect(idsOf(found.calls)).toEqual(idsOf(second.calls));
          expect(idsOf(found.groupcalls)).toEqual(idsOf(second.groupcalls));
          expect(dialled).toEqual(dialledBefore);
        }
      },
    );

    test('no other write can fail', async () => {
      const { broke, first } = await sendTwice(WRITES.length, true);
      expect([broke, first.status]).toEqual([false, 200]);
    });
  });
});

test('a process that goes on dials the calls whose writes failed when the request is sent again', async () => {
  const { clock, dialer, dialled } = countingDialer();
  const { store, arm } = breakingStore('after');
  const platform = await startPlatformInMemory({ store, clock, dialer, onError });
  arm(2);
  await platform.http.post('/v1/calls', body, KEYED);
  expect(dialled.size).toBe(0);
  await platform.http.post('/v1/calls', body, KEYED);
  expect([...dialled.values()]).toEqual([1, 1, 1]);
});
