import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { callSchema } from '../src/records/call.ts';
import { groupcallSchema } from '../src/records/groupcall.ts';
import { SEED_IDS } from '../src/seed.ts';
import { startPlatformInMemory } from './platform-in-memory.ts';
import { address, BEGINNING, callsBody, through } from './platform-under-test.ts';

const { providers } = SEED_IDS;
// Ids come from the key, so both name their calls alike.
const KEYED = { headers: { 'Idempotency-Key': 'key-1' } };
const placedSchema = z.object({ calls: z.array(callSchema), groupcalls: z.array(groupcallSchema) });

/** The same requests at the same times, to a stand-in that dials and to one that works its calls out. */
async function bothWays() {
  const live = await startPlatformInMemory();
  const replayed = await startPlatformInMemory({ replayed: true });
  const both = [live, replayed];
  return {
    advance: (ms: number) => {
      for (const { clock } of both) clock.advanceTo(BEGINNING + ms);
    },
    /** Sends the request to both, whose responses must be equal, and returns the body. */
    post: async (target: string, body?: unknown) => {
      const [first, second] = await Promise.all(both.map(({ http }) => http.post(target, body, KEYED)));
      expect(second).toEqual(first);
      return first?.body;
    },
    get: async (target: string) => {
      const [first, second] = await Promise.all(both.map(({ http }) => http.get(target)));
      expect(second).toEqual(first);
      return first?.body;
    },
  };
}

const MILLISECONDS = [0, 499, 500, 1999, 2000, 3000, 4449, 4450, 9000, 12_000, 59_000, 61_000, 200_000];

describe('a call that is computed when it is read', () => {
  test.each([
    ['answered', through(providers.answers)],
    ['answered, with a flow', { ...through(providers.answers), flow_id: SEED_IDS.flow }],
    ['busy', through(providers.busy)],
    ['rejected', through(providers.rejects)],
    ['never answered', through(providers.neverAnswers)],
    ['rejected by one provider and answered by the next', through(providers.rejects, providers.answers)],
    ['by the customer routes', { metadata: {} }],
  ])('is at every time as if it had been dialled: %s', async (_, changes) => {
    const { advance, post, get } = await bothWays();
    const { calls } = z.parse(placedSchema, await post('/v1/calls', callsBody(changes)));
    for (const ms of MILLISECONDS) {
      advance(ms);
      await get(`/v1/calls/${calls[0]?.id}`);
      await get(`/v1/timelines/calls/${calls[0]?.id}/sip-analysis`);
      await get(`/v1/timelines/calls/${calls[0]?.id}/events`);
      await get('/v1/calls');
    }
    expect(z.parse(callSchema, await get(`/v1/calls/${calls[0]?.id}`)).status).toBe('hangup');
  });

  test.each([1000, 3000])('is hung up at %i ms as if it had been dialled', async (when) => {
    const { advance, post, get } = await bothWays();
    const { calls } = z.parse(placedSchema, await post('/v1/calls', callsBody()));
    advance(when);
    const during = z.parse(callSchema, await get(`/v1/calls/${calls[0]?.id}`));
    await post(`/v1/calls/${calls[0]?.id}/hangup`);
    advance(when + 50);
    const after = z.parse(callSchema, await get(`/v1/calls/${calls[0]?.id}`));
    expect([during.status, after.status, after.hangup_by]).toEqual([
      when < 2000 ? 'ringing' : 'progressing',
      'hangup',
      'local',
    ]);
  });

  test('and its groupcall is at every time as if it had been dialled', async () => {
    const { advance, post, get } = await bothWays();
    const body = callsBody({ destinations: [address('agent', SEED_IDS.agent)] });
    const { groupcalls } = z.parse(placedSchema, await post('/v1/calls', body));
    for (const ms of MILLISECONDS) {
      advance(ms);
      const groupcall = z.parse(groupcallSchema, await get(`/v1/groupcalls/${groupcalls[0]?.id}`));
      for (const id of groupcall.call_ids) await get(`/v1/calls/${id}`);
    }
  });
});
