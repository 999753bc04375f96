import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAdaptorServer } from '@hono/node-server';
import { type Clock, SYSTEM_CLOCK } from '@provider-call/sip/clock';
import { DEFAULT_TIME_LIMITS } from './call-engine.ts';
import { createCallRecords } from './call-records.ts';
import { createCustomers } from './customers.ts';
import type { Dialer } from './dialer.ts';
import { createDocumentStore, createPlatformTable } from './document-store.ts';
import { createHealthChecks } from './health-checks.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { createLiveCalls } from './live-calls.ts';
import { startManagerRpc } from './manager-rpc.ts';
import { createPlatform, logError } from './platform.ts';
import { PLATFORM_TABLE } from './platform-table.ts';
import { createProviders } from './providers.ts';
import { createScriptedDialer } from './scripted-dialer.ts';
import { defaultSeed, type Seed } from './seed.ts';
import { createWebhooks } from './webhooks.ts';

export type PlatformOptions = {
  dynamodb: DynamoDBClient;
  /** Address to listen on; loopback by default. */
  host?: string;
  /** Port to listen on; 0, the default, picks any free one. */
  port?: number;
  /** Broker on which the managers also take requests, as on the platform: `amqp[s]://user:password@host:port/vhost`. */
  amqpUrl?: string | undefined;
  tableName?: string;
  seed?: Seed;
  /** Places the calls; by default nothing leaves the process. */
  dialer?: Dialer;
  /** Receives every customer's webhooks, instead of the URLs in the seed. */
  webhookUrl?: string;
  clock?: Clock;
  dialTimeoutMs?: number;
  maxDurationMs?: number;
  healthCheckIntervalMs?: number;
  webhookRetryDelayMs?: number;
  /** Receives errors that no response reports. */
  onError?(error: unknown, requestId?: string): void;
};

export type RunningPlatform = {
  /** Base of all paths, without `/v1`. */
  url: string;
  close(): Promise<void>;
};

/**
 * Starts the platform stand-in: the route, flow and call backends over HTTP on one port of this machine, with their
 * state in DynamoDB. Calls that an earlier instance left unfinished are ended first.
 *
 * @throws {BrokerError} when the managers cannot be served at `amqpUrl`
 * @throws when the port is taken or DynamoDB does not respond
 */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const {
    dynamodb,
    host = '127.0.0.1',
    port = 0,
    amqpUrl,
    tableName = PLATFORM_TABLE.name,
    seed = defaultSeed(),
    clock = SYSTEM_CLOCK,
    dialer = createScriptedDialer({ clock }),
    webhookUrl,
    dialTimeoutMs = DEFAULT_TIME_LIMITS.dialTimeoutMs,
    maxDurationMs = DEFAULT_TIME_LIMITS.maxDurationMs,
    healthCheckIntervalMs,
    webhookRetryDelayMs,
    onError = logError,
  } = options;

  await createPlatformTable(dynamodb, tableName);
  const store = createDocumentStore(dynamodb, tableName);
  const records = createCallRecords(store);
  const customers = createCustomers({ store, clock });
  const webhooks = createWebhooks({
    clock,
    urlOf: async (customerId) => webhookUrl ?? (await customers.get(customerId)).webhook_url,
    ...(webhookRetryDelayMs !== undefined && { retryDelayMs: webhookRetryDelayMs }),
  });
  const runner = createLiveCalls({ clock, dialer, records, webhooks, dialTimeoutMs, maxDurationMs, onError });
  const providers = createProviders({ store, clock });
  const healthChecks = createHealthChecks({
    providers,
    dialer,
    clock,
    onError,
    ...(healthCheckIntervalMs !== undefined && { intervalMs: healthCheckIntervalMs }),
  });
  const platform = createPlatform({
    store,
    clock,
    seed,
    records,
    customers,
    providers,
    checkHealth: healthChecks.check,
    runner,
    onError,
  });
  await platform.seed();
  await platform.calls.recover();

  const rpc =
    amqpUrl === undefined ? undefined : await startManagerRpc({ url: amqpUrl, app: platform.app, onError });

  const requests = new KeyedQueue();
  const server = createAdaptorServer({
    fetch: (request) => requests.run(randomUUID(), async () => platform.app.fetch(request)),
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  healthChecks.start();

  return {
    url: `http://${host}:${address.port}`,
    close: async () => {
      healthChecks.stop();
      await rpc?.close();
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      // A client that has gone away leaves its request in progress.
      await requests.allSettled();
      // The dialer ends its calls, and their outcomes are stored before anything else closes.
      await dialer.close();
      await runner.close();
      await webhooks.close();
    },
  };
}
