import { NIL_UUID } from '../../../functions/uuid.ts';
import type { App } from '../src/app.ts';
import { DEFAULT_TIME_LIMITS } from '../src/call-engine.ts';
import { createCallRecords } from '../src/call-records.ts';
import { createCustomers } from '../src/customers.ts';
import type { Dialer } from '../src/dialer.ts';
import type { DocumentStore } from '../src/document-store.ts';
import { createLiveCalls } from '../src/live-calls.ts';
import { createPlatform } from '../src/platform.ts';
import { createProviders } from '../src/providers.ts';
import { createReplayedCalls } from '../src/replayed-calls.ts';
import { createScriptedDialer, DEFAULT_SCRIPT_TIMES } from '../src/scripted-dialer.ts';
import { defaultSeed, type Seed } from '../src/seed.ts';
import { createVirtualClock, type VirtualClock } from '../src/virtual-clock.ts';
import type { Webhooks } from '../src/webhooks.ts';
import { type HttpClient, type ParsedResponse, parseResponse, type SendOptions } from './http-client.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { BEGINNING } from './platform-under-test.ts';

export type InMemoryOptions = {
  store?: DocumentStore;
  clock?: VirtualClock;
  seed?: Seed;
  dialer?: Dialer;
  /** Whether calls are worked out when they are looked at, instead of being dialled. */
  replayed?: boolean;
  maxDurationMs?: number;
  webhooks?: Webhooks;
  checkHealth?(providerId: string): void;
  onError?(error: unknown, requestId?: string): void;
};

export type PlatformInMemory = {
  app: App;
  store: DocumentStore;
  clock: VirtualClock;
  http: HttpClient;
  close(): Promise<void>;
};

const noWebhooks: Webhooks = { send: () => {}, close: async () => {} };

/** The stand-in without a server, without DynamoDB and without waiting: its time stands still until the test moves it. */
export async function startPlatformInMemory({
  store = createMemoryDocumentStore(),
  clock = createVirtualClock(BEGINNING),
  seed = defaultSeed(),
  dialer = createScriptedDialer({ clock }),
  replayed = false,
  maxDurationMs = DEFAULT_TIME_LIMITS.maxDurationMs,
  webhooks = noWebhooks,
  checkHealth = () => {},
  onError = (error) => {
    throw error;
  },
}: InMemoryOptions = {}): Promise<PlatformInMemory> {
  const limits = { ...DEFAULT_TIME_LIMITS, maxDurationMs };
  const records = createCallRecords(store);
  const customers = createCustomers({ store, clock });
  const runner = replayed
    ? createReplayedCalls({ clock, records, times: DEFAULT_SCRIPT_TIMES, ...limits })
    : createLiveCalls({ clock, records, dialer, webhooks, onError, ...limits });
  const platform = createPlatform({
    store,
    clock,
    seed,
    records,
    customers,
    providers: createProviders({ store, clock }),
    checkHealth,
    runner,
    onError,
  });
  await platform.seed();
  await platform.calls.recover();

  const send = async (
    method: string,
    target: string,
    { body, text, headers }: SendOptions,
  ): Promise<ParsedResponse> => {
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await platform.app.request(target, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Request-Id': NIL_UUID, ...headers },
      ...(payload !== undefined && { body: payload }),
    });
    return await parseResponse(response);
  };

  return {
    app: platform.app,
    store,
    clock,
    http: {
      get: (target, options = {}) => send('GET', target, options),
      delete: (target, options = {}) => send('DELETE', target, options),
      post: (target, body, options) => send('POST', target, { body, ...options }),
      put: (target, body, options) => send('PUT', target, { body, ...options }),
    },
    close: () => runner.close(),
  };
}
