import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  AMQPChannelError,
  AMQPConnectionError,
  type AsyncMessage,
  Connection,
  type Consumer,
} from 'rabbitmq-client';
import * as z from 'zod/mini';
import type { App } from './app.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { MANAGER_QUEUES } from './manager-queues.ts';
import { managerShapeOf } from './manager-shapes.ts';

type Manager = keyof typeof MANAGER_QUEUES;

/** The paths that each manager serves. */
const PATHS: Readonly<Record<Manager, RegExp>> = {
  route: /^\/v1\/providers(\/|$)/,
  flow: /^\/v1\/flows(\/|$)/,
  call: /^\/v1\/(calls|groupcalls)(\/|$)/,
};

const MANAGERS: readonly Manager[] = ['route', 'flow', 'call'];

export type ManagerRpcOptions = {
  /** `amqp[s]://user:password@host:port/vhost` */
  url: string;
  /** The managers' HTTP interface. */
  app: Pick<App, 'request'>;
  /** Receives errors that occur after the start; the connection is then re-established. */
  onError(error: unknown): void;
};

export type ManagerRpc = {
  /** Stops consuming, waits for the responses to accepted requests, and disconnects. */
  close(): Promise<void>;
};

/** Why the managers cannot be served on a broker. Its message says what to do, without the URL's password. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
}

const requestSchema = z.object({
  uri: z._default(z.string(), ''),
  method: z._default(z.string(), ''),
  data: z.optional(z.unknown()),
  request_id: z.optional(z.string()),
});
type ManagerRequest = z.infer<typeof requestSchema>;
type ManagerResponse = { status_code: number; data_type: string; data?: unknown };

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE']);

/** The filters of a list, in the body of its GET. Without `deleted`, the list includes what has been deleted. */
const filtersSchema = z.strictObject({
  customer_id: z.optional(z.string()),
  flow_id: z.optional(z.string()),
  groupcall_id: z.optional(z.string()),
  deleted: z.optional(z.boolean()),
});

const emptySourceSchema = z.looseObject({
  source: z.looseObject({ type: z._default(z.literal(''), ''), target: z._default(z.literal(''), '') }),
});

const envelopeSchema = z.object({
  error: z.object({ status: z.string(), reason: z.string(), message: z.string() }),
});

/**
 * Serves the managers' RPC over RabbitMQ (AMQP 0-9-1): three durable queues, whose requests are acknowledged before
 * they are processed, with responses sent to `reply_to`. This transport has no idempotency keys, so a request that is
 * sent twice is carried out twice.
 *
 * The queues are consumed exclusively: a manager and the stand-in on one queue would each get half of the requests.
 *
 * @throws {BrokerError} when the broker does not accept the connection, or one of the queues already has a consumer
 */
export async function startManagerRpc({ url, app, onError }: ManagerRpcOptions): Promise<ManagerRpc> {
  const requests = new KeyedQueue();
  const connection = await connect(url);
  connection.on('error', onError);
  const replies = connection.createPublisher();
  const consumers: Consumer[] = [];
  try {
    for (const manager of MANAGERS) consumers.push(await consume(manager));
  } catch (error) {
    connection.unsafeDestroy();
    throw brokerError(url, error);
  }
  return {
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await requests.allSettled();
      await replies.close();
      await connection.close();
    },
  };

  async function consume(manager: Manager): Promise<Consumer> {
    const consumer = connection.createConsumer(
      {
        queue: MANAGER_QUEUES[manager],
        queueOptions: { durable: true },
        exclusive: true,
        // The broker counts a request as acknowledged as soon as it is sent, so it is carried out at most once,
        // whatever fails.
        noAck: true,
      },
      (message) => void requests.run(randomUUID(), () => serve(manager, message)).catch(onError),
    );
    await once(consumer, 'ready');
    // The connection itself reports that it was lost.
    consumer.on('error', (error) => {
      if (!(error instanceof AMQPConnectionError)) onError(error);
    });
    return consumer;
  }

  async function serve(manager: Manager, { body, replyTo, correlationId }: AsyncMessage): Promise<void> {
    const response = await responseTo(app, manager, body);
    if (response === undefined || replyTo === undefined) return;
    const envelope = { routingKey: replyTo, contentType: 'text/plain' };
    await replies.send(correlationId === undefined ? envelope : { ...envelope, correlationId }, response);
  }
}

/** Connects once. Only a connection that was established before is re-established. */
async function connect(url: string): Promise<Connection> {
  const connection = new Connection({
    url,
    connectionName: 'platform stand-in',
    noDelay: true,
    retryLow: 100,
    retryHigh: 2_000,
  });
  try {
    await once(connection, 'connection');
    return connection;
  } catch (error) {
    connection.unsafeDestroy();
    throw brokerError(url, error);
  }
}

/** Returns the URL of a broker in a form that is safe to show. */
export function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

function brokerError(url: string, error: unknown): BrokerError {
  const cause = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const advice =
    error instanceof AMQPChannelError && !(error instanceof AMQPConnectionError) && code === 'ACCESS_REFUSED'
      ? 'another manager consumes this queue, and every second request would go to it; stop it, or use a separate virtual host'
      : code === 'ACCESS_REFUSED'
        ? 'check the user name and password'
        : code === 'NOT_ALLOWED'
          ? "check the virtual host and the user's permissions"
          : 'check that a RabbitMQ broker listens there';
  return new BrokerError(`${withoutPassword(url)}: ${advice} (${cause})`, { cause: error });
}

/** Returns the body of a manager's reply to a message, or undefined if the message cannot be parsed. */
export async function responseTo(
  app: ManagerRpcOptions['app'],
  manager: Manager,
  body: unknown,
): Promise<string | undefined> {
  const request = parseRequest(body);
  return request === undefined ? undefined : JSON.stringify(await respond(app, manager, request));
}

function parseRequest(body: unknown): ManagerRequest | undefined {
  try {
    // The library itself parses bodies that are declared as JSON.
    const parsed = Buffer.isBuffer(body) || typeof body === 'string' ? JSON.parse(String(body)) : body;
    return z.safeParse(requestSchema, parsed).data;
  } catch {
    return undefined;
  }
}

/** Passes a request to the managers' HTTP interface, and returns the response in the RPC's envelope. */
async function respond(
  app: ManagerRpcOptions['app'],
  manager: Manager,
  request: ManagerRequest,
): Promise<ManagerResponse> {
  const target = URL.parse(request.uri, 'http://manager');
  if (target === null || !PATHS[manager].test(target.pathname) || !METHODS.has(request.method)) {
    return { status_code: 404, data_type: '' };
  }
  const data = request.data ?? {};
  if (request.method === 'GET') {
    const filters = z.safeParse(filtersSchema, data);
    if (!filters.success) return { status_code: 400, data_type: '' };
    for (const [name, value] of Object.entries({ deleted: 'any', ...filters.data })) {
      target.searchParams.set(name, String(value));
    }
  }
  const response = await app.request(target, {
    method: request.method,
    headers: {
      'Content-Type': 'application/json',
      ...(request.request_id !== undefined && { 'X-Request-Id': request.request_id }),
    },
    ...(request.method !== 'GET' && { body: JSON.stringify(withoutEmptySource(data)) }),
  });
  if (response.ok) {
    return {
      status_code: response.status,
      data_type: 'application/json',
      data: managerShapeOf(target.pathname, await response.json()),
    };
  }
  const error =
    response.status < 500 ? z.safeParse(envelopeSchema, await response.json()).data?.error : undefined;
  if (error === undefined) return { status_code: response.status, data_type: '' };
  const { status, reason, message } = error;
  return {
    status_code: response.status,
    data_type: 'voipbin_error',
    data: { status, reason, domain: `${manager}-manager`, message },
  };
}

/** An address without type and target is how Go represents a missing source. */
function withoutEmptySource(data: unknown): unknown {
  const parsed = z.safeParse(emptySourceSchema, data);
  return parsed.success ? { ...parsed.data, source: null } : data;
}
