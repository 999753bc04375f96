import { Connection } from 'rabbitmq-client';
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { createVirtualHost, type VirtualHost } from '../../../test/rabbitmq.ts';
import { MANAGER_QUEUES } from '../src/manager-queues.ts';
import { BrokerError, type ManagerRpcOptions, startManagerRpc } from '../src/manager-rpc.ts';
import { SEED_IDS } from '../src/seed.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { callsBody, type PlatformUnderTest, startTestPlatform, tel, through } from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
const NIL = '00000000-0000-0000-0000-000000000000';

let host: VirtualHost;
beforeEach(async () => {
  host = await createVirtualHost(inject('rabbitmq'));
});
afterEach(() => host.remove());

type Envelope = { correlationId?: string; replyTo?: string };
type Reply = { correlationId: string | undefined; contentType: string | undefined; body: unknown };

/** A client that publishes whatever it is given, and collects every reply. */
async function rawClient() {
  const connection = new Connection({ url: host.url, noDelay: true });
  // Its virtual host is removed first.
  connection.on('error', () => {});
  onTestFinished(() => connection.unsafeDestroy());
  const channel = await connection.acquire();
  const { queue } = await channel.queueDeclare({ exclusive: true, autoDelete: true });
  const replies: Reply[] = [];
  let arrived = Promise.withResolvers<void>();
  await channel.basicConsume({ queue, noAck: true }, ({ correlationId, contentType, body }) => {
    replies.push({ correlationId, contentType, body: JSON.parse(String(body)) });
    arrived.resolve();
  });
  await channel.confirmSelect();

  const publish = (manager: keyof typeof MANAGER_QUEUES, body: string, envelope: Envelope = {}) =>
    channel.basicPublish(
      { routingKey: MANAGER_QUEUES[manager], contentType: 'text/plain', replyTo: queue, ...envelope },
      body,
    );
  return {
    replies,
    publish,
    /** Sends one request and returns the body of the next reply. */
    call: async (manager: keyof typeof MANAGER_QUEUES, request: object): Promise<unknown> => {
      const before = replies.length;
      await publish(
        manager,
        JSON.stringify({ publisher: 'test', data_type: 'application/json', ...request }),
      );
      while (replies.length === before) {
        arrived = Promise.withResolvers();
        await arrived.promise;
      }
      return replies[before]?.body;
    },
  };
}

const idsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const placedSchema = z.object({ data: z.object({ calls: z.tuple([z.object({ id: z.string() })]) }) });
const flowSchema = z.object({ data: z.object({ id: z.string() }) });

function idsOf(response: unknown) {
  return z.parse(idsSchema, response).data.map(({ id }) => id);
}
function callIdOf(response: unknown) {
  return z.parse(placedSchema, response).data.calls[0].id;
}

describe('the managers', () => {
  let platform: PlatformUnderTest;
  beforeEach(async () => {
    platform = await startTestPlatform(dynamodb, { amqpUrl: host.url });
  });
  afterEach(() => platform.close());

  const post = (changes: object = {}) => ({
    method: 'POST',
    uri: '/v1/calls',
    data: callsBody({ ...changes }),
  });

  test('respond with the correlation id and in the envelope of the RPC', async () => {
    const client = await rawClient();
    const uri = `/v1/providers/${SEED_IDS.providers.answers}`;
    await client.call('route', { method: 'GET', uri });
    await client.publish('route', JSON.stringify({ method: 'GET', uri: '/v1/providers/x' }), {
      correlationId: 'c-1',
    });
    await client.call('route', { method: 'GET', uri });
    expect(client.replies[0]).toEqual({
      correlationId: undefined,
      contentType: 'text/plain',
      body: {
        status_code: 200,
        data_type: 'application/json',
        data: expect.objectContaining({ id: SEED_IDS.providers.answers, tm_delete: null }),
      },
    });
    expect(client.replies[1]).toEqual({
      correlationId: 'c-1',
      contentType: 'text/plain',
      body: {
        status_code: 400,
        data_type: 'voipbin_error',
        data: {
          status: 'INVALID_ARGUMENT',
          reason: 'INVALID_ID',
          domain: 'route-manager',
          message: expect.any(String),
        },
      },
    });
  });

  test('place a call that has the shape of a Go struct', async () => {
    const client = await rawClient();
    const response = await client.call('call', post({ source: { type: '', target: '' } }));
    expect(response).toEqual({
      status_code: 200,
      data_type: 'application/json',
      data: {
        calls: [
          {
            id: callIdOf(response),
            customer_id: SEED_IDS.customer,
            flow_id: NIL,
            activeflow_id: NIL,
            type: 'flow',
            master_call_id: NIL,
            groupcall_id: NIL,
            source: {},
            destination: { type: 'tel', target: '+821012345678' },
            status: 'dialing',
            direction: 'outgoing',
            metadata: { route_provider_ids: [SEED_IDS.providers.answers], skip_source_validation: true },
            dialroute_id: SEED_IDS.providers.answers,
            dialroutes: [
              {
                id: SEED_IDS.providers.answers,
                customer_id: expect.any(String),
                provider_id: SEED_IDS.providers.answers,
                priority: 0,
                target: '+82',
              },
            ],
            tm_create: '2026-04-21T23:15:00Z',
            tm_update: '2026-04-21T23:15:00Z',
          },
        ],
      },
    });
  });

  test('carry out a request twice that is sent twice', async () => {
    const client = await rawClient();
    const first = callIdOf(await client.call('call', post()));
    const second = callIdOf(await client.call('call', post()));
    expect(second).not.toBe(first);
    const list = { method: 'GET', uri: '/v1/calls', data: { customer_id: SEED_IDS.customer } };
    expect(idsOf(await client.call('call', list)).toSorted()).toEqual([first, second].toSorted());
  });

  test('list calls by the filters in the body, newest first, in pages', async () => {
    const client = await rawClient();
    const flow = {
      method: 'POST',
      uri: '/v1/flows',
      data: { customer_id: SEED_IDS.customer, name: 'tmp', persist: false, actions: [{ type: 'answer' }] },
    };
    const flowId = z.parse(flowSchema, await client.call('flow', flow)).data.id;
    const ids: string[] = [];
    for (const changes of [{}, { flow_id: flowId }, { flow_id: flowId }]) {
      ids.unshift(callIdOf(await client.call('call', post(changes))));
      platform.clock.advanceTo(platform.clock.now() + 1000);
    }
    const list = async (query: string, data: object) =>
      idsOf(await client.call('call', { method: 'GET', uri: `/v1/calls?${query}`, data }));
    const [third, second] = ids;
    expect(await list('', {})).toEqual(ids);
    expect(await list('page_size=100', { flow_id: flowId })).toEqual([third, second]);
    expect(await list('', { flow_id: flowId, deleted: true })).toEqual([]);
    expect(await list('', { customer_id: SEED_IDS.providers.answers })).toEqual([]);
    expect(await list('page_size=1', { flow_id: flowId, deleted: false })).toEqual([third]);
    expect(await list('page_token=2026-04-21T23:15:02.000000Z&page_size=1', { flow_id: flowId })).toEqual([
      second,
    ]);
  });

  test('list groupcalls', async () => {
    const client = await rawClient();
    await client.call('call', post({ destinations: [{ type: 'extension', target: '1001' }] }));
    const response = await client.call('call', {
      method: 'GET',
      uri: '/v1/groupcalls',
      data: { customer_id: SEED_IDS.customer },
    });
    expect(response).toMatchObject({ data: [{ customer_id: SEED_IDS.customer, status: 'progressing' }] });
  });

  test('list a deleted flow unless the filter leaves it out', async () => {
    const client = await rawClient();
    const created = await client.call('flow', {
      method: 'POST',
      uri: '/v1/flows',
      data: { customer_id: SEED_IDS.customer, name: 'tmp', detail: 'of a test', persist: false },
    });
    const { id } = z.parse(flowSchema, created).data;
    await client.call('flow', { method: 'DELETE', uri: `/v1/flows/${id}` });
    const list = async (data: object) =>
      idsOf(await client.call('flow', { method: 'GET', uri: '/v1/flows', data })).includes(id);
    expect(await list({ customer_id: SEED_IDS.customer })).toBe(true);
    expect(await list({ customer_id: SEED_IDS.customer, deleted: true })).toBe(true);
    expect(await list({ customer_id: SEED_IDS.customer, deleted: false })).toBe(false);
  });

  test.each([
    ['a filter that they do not know', 'call', 'GET', '/v1/calls', { source_target: '+1' }, 400],
    ['a path of another manager', 'flow', 'GET', '/v1/calls', {}, 404],
    ['no path', 'call', 'GET', '', {}, 404],
    ['a method that they do not know', 'call', 'PATCH', '/v1/calls', {}, 404],
  ] as const)('reject %s', async (_, manager, method, uri, data, status) => {
    const client = await rawClient();
    expect(await client.call(manager, { method, uri, data })).toEqual({ status_code: status, data_type: '' });
  });

  test.each(['not JSON', '[]', '{"uri": 7}'])('do not respond to %j, and go on', async (body) => {
    const client = await rawClient();
    await client.publish('call', body, { correlationId: 'unparsable' });
    await client.call('call', post());
    expect(client.replies).toHaveLength(1);
    expect((await host.queues())[MANAGER_QUEUES.call]).toEqual({ messages: 0, consumers: 1 });
  });

  test('carry out a request that wants no response', async () => {
    const client = await rawClient();
    await client.publish('call', JSON.stringify(post()), { replyTo: undefined });
    const list = () => client.call('call', { method: 'GET', uri: '/v1/calls' });
    while (idsOf(await list()).length === 0);
    expect(idsOf(await list())).toHaveLength(1);
  });

  test('report a provider that does not exist as the reason why a call is rejected', async () => {
    const client = await rawClient();
    expect(
      await client.call('call', post({ destinations: [tel('+1')], ...through(SEED_IDS.customer) })),
    ).toMatchObject({ status_code: 400, data_type: 'voipbin_error', data: { reason: 'PROVIDER_NOT_FOUND' } });
  });
});

describe('a server of the RPC', () => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const rpc of started.splice(0)) await rpc.close();
  });

  /** Serves the queues with a function in the place of the managers. */
  async function serve(
    request: () => Response | Promise<Response>,
    { url = host.url, onError = () => {} }: Partial<ManagerRpcOptions> = {},
  ): Promise<void> {
    started.push(await startManagerRpc({ url, onError, app: { request } }));
  }

  const refused = (url: string) =>
    serve(() => Response.json({}), { url }).then(
      () => expect.unreachable('the server started'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(BrokerError);
        return String(error);
      },
    );

  const request = { method: 'GET', uri: `/v1/calls/${NIL}` };

  test('has acknowledged a request that it is still processing', async () => {
    const processing = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<Response>();
    await serve(() => {
      processing.resolve();
      return finished.promise;
    });
    const client = await rawClient();
    const response = client.call('call', request);
    await processing.promise;
    expect((await host.queues())[MANAGER_QUEUES.call]).toEqual({ messages: 0, consumers: 1 });
    finished.resolve(Response.json({ id: NIL, source: null, destination: {} }));
    expect(await response).toMatchObject({ status_code: 200 });
  });

  test('responds with the status alone when the managers fail', async () => {
    await serve(() => Response.json({ error: {} }, { status: 500 }));
    expect(await (await rawClient()).call('call', request)).toEqual({ status_code: 500, data_type: '' });
  });

  test('serves what arrives after the broker has closed its connection, and reports that it did', async () => {
    const lost = Promise.withResolvers<unknown>();
    await serve(() => Response.json({ error: {} }, { status: 500 }), { onError: lost.resolve });
    await host.closeConnections();
    expect(String(await lost.promise)).toContain('CONNECTION_FORCED');
    expect(await (await rawClient()).call('call', request)).toEqual({ status_code: 500, data_type: '' });
  });

  test('waits for what it is processing before it ends', async () => {
    const processing = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<Response>();
    await serve(() => {
      processing.resolve();
      return finished.promise;
    });
    const client = await rawClient();
    const response = client.call('call', request);
    await processing.promise;
    const closed = started.splice(0).map((rpc) => rpc.close());
    finished.resolve(Response.json({ error: {} }, { status: 500 }));
    expect(await response).toEqual({ status_code: 500, data_type: '' });
    await Promise.all(closed);
  });

  test('is rejected if another manager consumes a queue, and consumes none itself', async () => {
    await serve(() => Response.json({}));
    expect(await refused(host.url)).toMatch(
      /another manager consumes this queue.*bin-manager\.route-manager/,
    );
    expect(await host.queues()).toEqual(
      Object.fromEntries(Object.values(MANAGER_QUEUES).map((name) => [name, { messages: 0, consumers: 1 }])),
    );
  });

  test.each([
    ['a wrong password', { password: 'secret' }, 'check the user name and password'],
    ['a virtual host that does not exist', { pathname: '/none' }, 'check the virtual host'],
    ['a port where nobody listens', { port: '1' }, 'check that a RabbitMQ broker listens there'],
  ])('is rejected with %s, and the error hides the password', async (_, changes, advice) => {
    const url = Object.assign(new URL(host.url), changes);
    const message = await refused(url.href);
    expect(message).toContain(advice);
    expect(message).toContain('amqp://guest@127.0.0.1');
    expect(message).not.toMatch(/secret|guest:/);
  });
});
