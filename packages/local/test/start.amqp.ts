import { SEED_IDS } from '@provider-call/platform/seed';
import { parseAllowList } from '@provider-call/sip/allow-list';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { createVirtualHost, type VirtualHost } from '../../../test/rabbitmq.ts';
import { type LocalSystem, startLocal } from '../src/start.ts';
import { StartError } from '../src/start-error.ts';

let host: VirtualHost;
let local: LocalSystem;
beforeAll(async () => {
  host = await createVirtualHost(inject('rabbitmq'));
  local = await startLocal({ amqpUrl: host.url, sipAllow: parseAllowList('') });
});
afterAll(async () => {
  await local.close();
  await host.remove();
});

const recordSchema = z.object({ id: z.string(), call_ids: z.tuple([z.string()]) });
const analysisSchema = z.object({ sip_messages: z.array(z.object({ method: z.string() })) });

async function send(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${local.url}/v1.0${path}`, {
    method,
    headers: { Authorization: `Bearer ${local.token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return await response.json();
}

test('a call goes through the broker, and the platform’s endpoints show it', async () => {
  const { call_ids } = z.parse(
    recordSchema,
    await send('POST', '/providercalls', {
      provider_id: SEED_IDS.providers.answers,
      destinations: [{ type: 'tel', target: '+821012345678' }],
      actions: [{ type: 'answer' }],
    }),
  );
  const analysis = () => send('GET', `/timelines/calls/${call_ids[0]}/sip-analysis`);
  let seen = analysisSchema.safeParse(await analysis());
  while (!seen.success || seen.data.sip_messages.length < 2)
    seen = analysisSchema.safeParse(await analysis());
  expect(seen.data.sip_messages[0]).toMatchObject({ method: 'INVITE' });
});

test('a provider whose row has the end of time as its deletion exists', async () => {
  expect(
    await send('POST', '/providercalls', {
      provider_id: SEED_IDS.providers.busy,
      destinations: [{ type: 'tel', target: '+821012345678' }],
    }),
  ).toMatchObject({ provider_id: SEED_IDS.providers.busy });
});

test('a provider that the route manager does not know is rejected', async () => {
  expect(
    await send('POST', '/providercalls', {
      provider_id: SEED_IDS.customer,
      destinations: [{ type: 'tel', target: '+821012345678' }],
    }),
  ).toMatchObject({ error: { reason: 'PROVIDER_NOT_FOUND' } });
});

test('the functions that place and settle calls have the broker’s URL, the platform’s endpoints the stand-in’s', () => {
  const { CreateFunction, ReconcileFunction, PlatformApiFunction } = local.functionVariables;
  expect(CreateFunction).toMatchObject({ ROUTE_BACKEND_URL: host.url, CALL_BACKEND_URL: host.url });
  expect(ReconcileFunction).toMatchObject({ FLOW_BACKEND_URL: host.url, CALL_BACKEND_URL: host.url });
  expect(PlatformApiFunction).toMatchObject({
    ROUTE_BACKEND_URL: local.platformUrl,
    FLOW_BACKEND_URL: local.platformUrl,
    CALL_BACKEND_URL: local.platformUrl,
  });
});

test('the broker is shown without its password', () => {
  expect(local.brokerUrls).toEqual([host.url.replace(':guest@', '@')]);
});

test('a second system on the same queues is rejected', async () => {
  const second = startLocal({ amqpUrl: host.url });
  await expect(second).rejects.toBeInstanceOf(StartError);
  await expect(second).rejects.toThrow(/^AMQP_URL: amqp:\/\/guest@127.*another manager consumes this queue/);
});

test('a broker that does not respond is named without its password', async () => {
  await expect(startLocal({ amqpUrl: 'amqp://admin:secret@127.0.0.1:1/' })).rejects.toThrow(
    'AMQP_URL: amqp://admin@127.0.0.1:1/: check that a RabbitMQ broker listens there (connect ECONNREFUSED 127.0.0.1:1)',
  );
});
