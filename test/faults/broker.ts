import { once } from 'node:events';
import { responseTo } from '@provider-call/platform/manager-rpc';
import { type AsyncMessage, Connection, type Consumer } from 'rabbitmq-client';
import { afterAll } from 'vitest';
import * as z from 'zod/mini';
import { createAmqpBackend } from '../../functions/backends/amqp-backend.ts';
import { createAmqpClient } from '../../functions/backends/amqp-client.ts';
import type { Backend } from '../../functions/backends/backend.ts';
import { sendRequest } from '../../functions/outbound/http-client.ts';
import type { VirtualHost } from '../rabbitmq.ts';

/** A manager's time limit in milliseconds, longer than any client's. */
const PATIENCE_MS = 20_000;

type Name = 'route' | 'flow' | 'call';

const NAMES: readonly Name[] = ['route', 'flow', 'call'];

/**
 * What a manager does next: respond once or twice, respond with another body or correlation id, or never
 * respond.
 */
export type ManagerBehaviour =
  | 'respond'
  | 'respond twice'
  | 'die'
  | { body?(response: string): string; correlationId?: string };

/** When a manager has acknowledged a request: before it carries it out, or before it responds. */
export type Moment = { when: 'taken' | 'done'; method: string; path: string };

export type Broker = ReturnType<typeof startBroker>;

const requestSchema = z.object({ method: z.string(), uri: z.string() });

/**
 * Managers on a virtual host that carry out their requests at an HTTP server, and a client of theirs, which may
 * reach the broker at another URL. All of them end with the test file, which fails if a message is left in a
 * queue.
 */
export function startBroker(host: VirtualHost | Omit<VirtualHost, 'remove'>, clientUrl = host.url) {
  const { username, password } = new URL(host.url);
  const login = async () => ({ username, password });
  const client = createAmqpClient({
    url: new URL(clientUrl),
    credentials: { current: login, refresh: login },
  });
  const connection = new Connection({ url: host.url, noDelay: true, retryLow: 50, retryHigh: 250 });
  // Tests may lose the connection any number of times.
  connection.on('error', () => {});
  const replies = connection.createPublisher();
  const consumers = new Map<string, Promise<Consumer[]>>();
  const atWork = new Set<Promise<unknown>>();
  let behaviour: (moment: Moment) => ManagerBehaviour | Promise<ManagerBehaviour> = () => 'respond';

  const serve = async (url: string, name: Name, { body, replyTo, correlationId }: AsyncMessage) => {
    const { method, uri: path } = z.parse(requestSchema, JSON.parse(String(body)));
    if ((await behaviour({ when: 'taken', method, path })) === 'die') return;
    const response = await responseTo(managersAt(url), name, body);
    const then = await behaviour({ when: 'done', method, path });
    if (then === 'die' || response === undefined || replyTo === undefined) return;
    const other = typeof then === 'object' ? then : {};
    const envelope = {
      routingKey: replyTo,
      contentType: 'text/plain',
      correlationId: other.correlationId ?? correlationId ?? '',
    };
    await replies.send(envelope, other.body?.(response) ?? response);
    if (then === 'respond twice') await replies.send(envelope, response);
  };

  const startConsumers = (url: string): Promise<Consumer[]> =>
    Promise.all(
      NAMES.map(async (name) => {
        const queue = queuesOf(url)[name];
        const options = { queue, queueOptions: { durable: true }, noAck: true };
        const consumer = connection.createConsumer(options, (message) => {
          // A server that closes the connection is a manager that dies.
          const served = serve(url, name, message).catch(() => {});
          atWork.add(served);
          void served.finally(() => atWork.delete(served));
        });
        await once(consumer, 'ready');
        consumer.on('error', () => {});
        return consumer;
      }),
    );

  const consume = (url: string): Promise<Consumer[]> => {
    const started = consumers.get(url) ?? startConsumers(url);
    consumers.set(url, started);
    return started;
  };

  afterAll(async () => {
    client.close();
    connection.unsafeDestroy();
    const left = await messagesLeftIn(host);
    if ('remove' in host) await host.remove();
    if (left.length > 0) throw new Error(`messages are left in ${left.join(', ')}`);
  });

  return {
    /** A client of the managers that carry out their requests at a server. */
    backendAt: (url: string, name: Name, timeoutMs: number): Backend => {
      const backend = createAmqpBackend({ name, client, queue: queuesOf(url)[name], timeoutMs });
      const started = consume(url);
      return {
        send: async (...request) => {
          await started;
          return await backend.send(...request);
        },
        request: async (...request) => {
          await started;
          return await backend.request(...request);
        },
      };
    },

    /** Decides what managers do from now on with the requests that they take. */
    managersDo: (decide: typeof behaviour) => {
      behaviour = decide;
    },

    /** Ends the managers that serve a URL. Their queues remain. */
    stopManagers: async (url: string) => {
      for (const consumer of (await consumers.get(url)) ?? []) await consumer.close();
      consumers.delete(url);
    },

    startManagers: async (url: string) => {
      await consume(url);
    },

    /** Resolves when no manager is processing a request. */
    idle: async () => {
      while (atWork.size > 0) await Promise.all(atWork);
    },
  };
}

/** Returns the names of the queues that hold messages. */
async function messagesLeftIn({ queues }: Pick<VirtualHost, 'queues'>): Promise<string[]> {
  const listed = Object.entries(await queues());
  return listed.filter(([, { messages }]) => messages > 0).map(([queue]) => queue);
}

function queuesOf(url: string) {
  const { port } = new URL(url);
  return { route: `${port}.route`, flow: `${port}.flow`, call: `${port}.call` };
}

/** Sends a request to the managers' HTTP interface. `fetch` would send it again after a 421. */
function managersAt(url: string): Parameters<typeof responseTo>[0] {
  return {
    request: async (target, init) => {
      const { pathname, search } = new URL(String(target));
      const body = typeof init?.body === 'string' ? init.body : '';
      const { status, headers, text } = await sendRequest({
        method: init?.method ?? 'GET',
        url: new URL(pathname + search, url),
        // Node does not send the length of a DELETE's body by itself.
        headers: {
          ...Object.fromEntries(new Headers(init?.headers)),
          'Content-Length': `${Buffer.byteLength(body)}`,
        },
        body,
        timeoutMs: PATIENCE_MS,
      });
      const isEmpty = [204, 205, 304].includes(status);
      const type = headers['content-type'];
      return new Response(isEmpty ? null : text, {
        status,
        ...(type !== undefined && { headers: { 'Content-Type': type } }),
      });
    },
  };
}
