import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Clock, systemClock } from '@provider-call/sip/clock';
import type { Dialer } from './dialer.ts';
import { createDocumentStore, createSandboxTable } from './document-store.ts';
import { startHealthChecks } from './health-checks.ts';
import { createLiveCalls } from './live-calls.ts';
import { logError } from './log-error.ts';
import { createPlatform } from './platform.ts';
import { Refusal } from './refusal.ts';
import { errorEnvelope, type Router } from './router.ts';
import { createScriptedDialer } from './scripted-dialer.ts';
import { defaultSeed, type Seed } from './seed.ts';
import { sandboxTable } from './tables.ts';
import { defaultTimeLimits } from './time-limits.ts';
import { createWebhooks } from './webhooks.ts';

export type SandboxOptions = {
  dynamodb: DynamoDBClient;
  /** 0, the default, takes a free one. */
  port?: number;
  tableName?: string;
  seed?: Seed;
  /** Places the calls; by default nothing leaves the process. */
  dialer?: Dialer;
  /** Where every customer's webhooks go, in place of what the seed says. */
  webhookUrl?: string;
  clock?: Clock;
  dialTimeoutMs?: number;
  maxDurationMs?: number;
  healthCheckIntervalMs?: number;
  webhookRetryDelayMs?: number;
  /** Told what went wrong without being anybody's answer. */
  onError?(error: unknown, requestId?: string): void;
};

export type Sandbox = {
  /** Base of all paths, without `/v1`. */
  url: string;
  close(): Promise<void>;
};

const host = '127.0.0.1';
// A request is a flow of 100 actions or a call to 100 addresses at most.
const largestBody = 1024 * 1024;

/** The whole body; undefined when it is larger than what is taken. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > largestBody) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const serve = async (router: Router, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', `http://${host}`);
  const header = (name: string): string | undefined => request.headersDistinct[name]?.[0];
  const body = await readBody(request);
  if (body === undefined) {
    const requestId = header('x-request-id') ?? randomUUID();
    const refusal = new Refusal('INVALID_ARGUMENT', 'REQUEST_TOO_LARGE', 'The body is larger than 1 MiB.', {
      httpStatus: 413,
    });
    response.writeHead(413, {
      'Content-Type': 'application/json',
      'X-Request-Id': requestId,
      // The rest of the body is not read, so nothing can follow it.
      Connection: 'close',
    });
    response.end(JSON.stringify(errorEnvelope(refusal, requestId)));
    return;
  }
  const answer = await router({
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: {
      'content-type': header('content-type'),
      'idempotency-key': header('idempotency-key'),
      'x-request-id': header('x-request-id'),
    },
    body,
  });
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
};

/**
 * Starts the stand-in for the platform: the route, flow and call backends over HTTP on one port of this machine, with
 * their state in DynamoDB. What an earlier one left in the middle of a call is ended first.
 *
 * Rejects when the port is taken or DynamoDB does not answer.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {
    dynamodb,
    port = 0,
    tableName = sandboxTable.name,
    seed = defaultSeed(),
    clock = systemClock,
    dialer = createScriptedDialer({ clock }),
    webhookUrl,
    dialTimeoutMs = defaultTimeLimits.dialTimeoutMs,
    maxDurationMs = defaultTimeLimits.maxDurationMs,
    healthCheckIntervalMs,
    webhookRetryDelayMs,
    onError = logError,
  } = options;

  await createSandboxTable(dynamodb, tableName);
  let closeWebhooks = async () => {};
  const { router, providers, calls, line, plant } = createPlatform({
    store: createDocumentStore(dynamodb, tableName),
    clock,
    seed,
    onError,
    lineOf: ({ records, customers }) => {
      const webhooks = createWebhooks({
        clock,
        urlOf: async (customerId) => webhookUrl ?? (await customers.get(customerId)).webhook_url,
        ...(webhookRetryDelayMs !== undefined && { retryDelayMs: webhookRetryDelayMs }),
      });
      closeWebhooks = webhooks.close;
      return createLiveCalls({ clock, dialer, records, webhooks, dialTimeoutMs, maxDurationMs, onError });
    },
  });
  await plant();
  await calls.recover();

  const server = createServer((request, response) => {
    serve(router, request, response).catch((error: unknown) => {
      // The router answers every fault of its own, so this is a client that went away.
      if (!request.destroyed) onError(error);
      response.destroy();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const stopHealthChecks = startHealthChecks({
    providers,
    dialer,
    clock,
    onError,
    ...(healthCheckIntervalMs !== undefined && { intervalMs: healthCheckIntervalMs }),
  });

  return {
    url: `http://${host}:${address.port}`,
    close: async () => {
      stopHealthChecks();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await line.close();
      await Promise.all([dialer.close(), closeWebhooks()]);
    },
  };
}
