import { randomUUID } from 'node:crypto';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startPlatform } from '@provider-call/platform';
import { defaultSeed } from '@provider-call/platform/seed';
import type { Clock } from '@provider-call/sip/clock';
import { afterAll, inject } from 'vitest';
import { createAmqpCallBackend } from '../../functions/backends/amqp-call-backend.ts';
import { createAmqpFlowBackend } from '../../functions/backends/amqp-flow-backend.ts';
import { type Backend, createBackend } from '../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../functions/backends/backend-authorization.ts';
import { createCallBackend } from '../../functions/backends/call-backend.ts';
import { createFlowBackend } from '../../functions/backends/flow-backend.ts';
import { createRouteBackend } from '../../functions/backends/route-backend.ts';
import { createCallClaimStore } from '../../functions/provider-calls/call-claim-store.ts';
import { createClaimedCalls } from '../../functions/provider-calls/claimed-calls.ts';
import { startEmbeddedDynamodb } from '../../packages/platform/test/embedded-dynamodb.ts';
import { createVirtualHost } from '../rabbitmq.ts';
import { type Broker, startBroker } from './broker.ts';
import { controlled, type Operation } from './run.ts';
import { MAX_PROCESSING, transport } from './transport.ts';

/** Milliseconds since 1970 at which every schedule begins: 2026-04-21 23:15:00 UTC. */
export const BEGINNING = Date.UTC(2026, 3, 21, 23, 15);

/** The number of customers of one stand-in; each schedule has a different one. */
const CUSTOMERS = 100;

export type Fixture = Awaited<ReturnType<typeof startFixture>>;

/** The clock of a stand-in. Nothing ever becomes due there, so a call that was placed continues. */
type Time = { now: number };

type Name = 'route' | 'flow' | 'call';

/** Clients of the three backends at one URL. */
export function backendsAt(url: string, timeoutMs = 10_000) {
  const backend = (name: Name) =>
    underControl(
      name,
      createBackend({
        name,
        url: new URL(url),
        authorization: createBackendAuthorization({ kind: 'none' }),
        timeoutMs,
      }),
    );
  return {
    routeBackend: createRouteBackend(backend('route')),
    flowBackend: createFlowBackend(backend('flow')),
    callBackend: createCallBackend(backend('call')),
  };
}

/** A client of a backend whose requests are controlled by the run that makes them. */
function underControl(to: Operation['to'], backend: Backend): Backend {
  return {
    send: (scope, request) =>
      controlled({ to, name: `${request.method} ${request.path}` }, () => backend.send(scope, request)),
    request: (scope, schema, request) =>
      controlled({ to, name: `${request.method} ${request.path}` }, () =>
        backend.request(scope, schema, request),
      ),
  };
}

async function sharedBroker(): Promise<Broker> {
  return startBroker(await createVirtualHost(inject('rabbitmq')));
}

/** What clients over a broker also need: the store of claims, and the time. */
export type Claiming = { documents: DynamoDBDocumentClient; tableName: string; now: () => Date };

/** The same behind a broker, with managers that pass requests on to the URL. */
function brokerBackendsAt(
  broker: Broker,
  { documents, tableName, now }: Claiming,
  url: string,
  timeoutMs = 10_000,
) {
  const backend = (name: Name) => underControl(name, broker.backendAt(url, name, timeoutMs));
  const timing = { maxProcessing: MAX_PROCESSING, now };
  return {
    routeBackend: createRouteBackend(backend('route')),
    flowBackend: createAmqpFlowBackend({ backend: backend('flow'), ...timing }),
    callBackend: createClaimedCalls({
      calls: createAmqpCallBackend(backend('call')),
      claims: createCallClaimStore(documents, tableName),
      ...timing,
    }),
  };
}

/**
 * Starts what all schedules of a test file share: one embedded DynamoDB, and stand-ins, a new one whenever the
 * customers of the last are used up. With `isConcurrent`, for schedules that run concurrently, each has its own
 * stand-in and so its own clock. Everything ends with the test file.
 */
export async function startFixture({
  over,
  isConcurrent = false,
}: {
  over?: Broker;
  isConcurrent?: boolean;
} = {}) {
  const dynamodb = await startEmbeddedDynamodb();
  const documents = DynamoDBDocumentClient.from(dynamodb);
  // The outermost step: whatever the SDK does inside, including its retries, is one request of ours.
  documents.middlewareStack.add(
    (next, context) => (args) =>
      controlled({ to: 'table', name: context.commandName ?? 'request' }, () => next(args)),
    { step: 'initialize', name: 'control', priority: 'high' },
  );

  let customers: string[] = [];
  const standIns: ReturnType<typeof startStandIn>[] = [];
  afterAll(() => Promise.all(standIns.map(async (standIn) => (await standIn).close())));

  const broker = over ?? (transport === 'amqp' ? await sharedBroker() : undefined);
  return {
    dynamodb,
    documents,
    /** Clients of the three backends at a URL, over the transport of this project. */
    backendsAt: (claiming: Claiming, url: string, timeoutMs?: number) =>
      broker === undefined ? backendsAt(url, timeoutMs) : brokerBackendsAt(broker, claiming, url, timeoutMs),
    /** A customer at a stand-in that nobody else uses. */
    newCustomer: async (): Promise<{ customerId: string; standInUrl: string; time: Time }> => {
      if (customers.length === 0) {
        customers = Array.from({ length: isConcurrent ? 1 : CUSTOMERS }, () => randomUUID());
        standIns.push(startStandIn(dynamodb, [...customers]));
      }
      const [customerId, standIn] = [customers.pop(), standIns.at(-1)];
      if (customerId === undefined || standIn === undefined) throw new Error('there is no stand-in');
      const { url, time } = await standIn;
      return { customerId, standInUrl: url, time };
    },
  };
}

/** Starts a stand-in whose customers have an agent and an extension each, with its clock. */
async function startStandIn(
  dynamodb: Parameters<typeof startPlatform>[0]['dynamodb'],
  customerIds: string[],
) {
  const seed = defaultSeed();
  const time: Time = { now: BEGINNING };
  const clock: Clock = { now: () => time.now, after: () => () => {} };
  const { url, close } = await startPlatform({
    dynamodb,
    tableName: `sandbox-${randomUUID()}`,
    clock,
    seed: {
      ...seed,
      customers: customerIds.flatMap((id) => seed.customers.map((customer) => ({ ...customer, id }))),
    },
    onError: (error) => {
      throw error;
    },
  });
  return { url, close, time };
}
