import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Clock } from '@provider-call/sip/clock';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { callSchema } from '../src/records/call.ts';
import { SEED_IDS } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createWebhooks } from '../src/webhooks.ts';
import { startPlatformInMemory } from './platform-in-memory.ts';
import { BEGINNING, callsBody, newCall, through } from './platform-under-test.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const eventSchema = z.object({ type: z.string(), data: callSchema });

/** A customer's server, which responds to each webhook as `respond` does. */
async function receiver(respond: (response: ServerResponse, type: string) => void) {
  const received: z.infer<typeof eventSchema>[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = z.parse(eventSchema, JSON.parse(Buffer.concat(chunks).toString()));
    received.push(event);
    respond(response, event.type);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { url: `http://127.0.0.1:${port}/`, received, types: () => received.map(({ type }) => type) };
}

function ok(response: ServerResponse) {
  return response.writeHead(200).end();
}
function fails(response: ServerResponse) {
  return response.writeHead(503).end();
}
function hangsUp(response: ServerResponse) {
  return response.destroy();
}

/** A platform stand-in that sends webhooks to `url`; retries wait for its clock, or for a separate one. */
async function sendingTo(url: string | null, retryClock?: Clock) {
  const clock = createVirtualClock(BEGINNING);
  const webhooks = createWebhooks({ clock: retryClock ?? clock, urlOf: async () => url });
  const { http } = await startPlatformInMemory({ clock, webhooks });
  closing.push(() => void webhooks.close());
  return {
    clock,
    place: async (providerId: string = SEED_IDS.providers.answers) => {
      const { body } = await http.post('/v1/calls', callsBody(through(providerId)));
      return z.parse(z.object({ calls: z.array(callSchema) }), body).calls[0]?.id ?? '';
    },
    hangup: (id: string) => http.post(`/v1/calls/${id}/hangup`),
    call: async (id: string) => z.parse(callSchema, (await http.get(`/v1/calls/${id}`)).body),
  };
}

test.each([
  ['ended by the far end', SEED_IDS.providers.answers, undefined, ['ringing', 'progressing', 'hangup']],
  ['busy', SEED_IDS.providers.busy, undefined, ['hangup']],
  ['hung up before the answer', SEED_IDS.providers.answers, 1000, ['ringing', 'canceling', 'hangup']],
  ['hung up after it', SEED_IDS.providers.answers, 3000, ['ringing', 'progressing', 'terminating', 'hangup']],
])(
  'webhooks report every step of a call that is %s, in order and as it then was',
  async (_, provider, hangupAt, steps) => {
    const { url, received, types } = await receiver(ok);
    const { clock, place, hangup } = await sendingTo(url);
    const id = await place(provider);
    if (hangupAt !== undefined) {
      clock.advanceTo(BEGINNING + hangupAt);
      await hangup(id);
    }
    clock.advanceTo(BEGINNING + 60_000);
    const expected = ['created', 'dialing', ...steps];
    await expect.poll(types).toEqual(expected.map((step) => `call_${step}`));
    expect(received.map(({ data }) => [data.id, data.status])).toEqual(
      expected.map((step) => [id, step === 'created' ? 'dialing' : step]),
    );
  },
);

test.each([
  ['says 503', fails],
  ['closes the connection', hangsUp],
])(
  'a webhook is repeated three times, a second apart, to a server that %s, and only then the next one is sent',
  async (_, respond) => {
    const { url, types } = await receiver((response, type) =>
      (type === 'call_created' ? respond : ok)(response),
    );
    const waited: number[] = [];
    const { place } = await sendingTo(url, {
      now: () => BEGINNING,
      after: (ms, task) => {
        waited.push(ms);
        queueMicrotask(task);
        return () => {};
      },
    });
    await place();
    const expected = [...Array.from({ length: 4 }, () => 'call_created'), 'call_dialing'];
    await expect.poll(types).toEqual(expected);
    expect(waited).toEqual([1000, 1000, 1000]);
  },
);

test.each([404, 302])('a webhook is not repeated to a server that responds %i', async (status) => {
  const { url, types } = await receiver((response) => response.writeHead(status, { Location: '/' }).end());
  const { place } = await sendingTo(url);
  await place();
  await expect.poll(types).toEqual(['call_created', 'call_dialing']);
});

test('a webhook does not delay calls while its server is silent', async () => {
  const { url, types } = await receiver(() => {});
  const { clock, place, call } = await sendingTo(url);
  const id = await place();
  await expect.poll(types).toEqual(['call_created']);
  clock.advanceTo(BEGINNING + 60_000);
  expect((await call(id)).status).toBe('hangup');
});

test('a webhook does not delay those of other calls', async () => {
  let stuck: string | undefined;
  const { url, received } = await receiver((response) => {
    stuck ??= received[0]?.data.id;
    if (received.at(-1)?.data.id !== stuck) ok(response);
  });
  const { place } = await sendingTo(url);
  await place();
  await expect.poll(() => received).toHaveLength(1);
  const second = await place();
  await expect
    .poll(() => received.filter(({ data }) => data.id === second).map(({ type }) => type))
    .toEqual(['call_created', 'call_dialing']);
});

test('a webhook is not sent to a customer without a URL', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  onTestFinished(() => fetched.mockRestore());
  const { clock, place, call } = await sendingTo(null);
  const id = await place();
  clock.advanceTo(BEGINNING + 60_000);
  expect((await call(id)).status).toBe('hangup');
  expect(fetched).not.toHaveBeenCalled();
});

test('closing sends what is pending and repeats nothing', async () => {
  const { url, types } = await receiver(fails);
  const clock = createVirtualClock(BEGINNING);
  const webhooks = createWebhooks({ clock, urlOf: async () => url });
  webhooks.send('call_terminating', newCall());
  webhooks.send('call_hangup', newCall());
  await webhooks.close();
  expect(types()).toEqual(['call_terminating', 'call_hangup']);
});
