import { nilUuid } from '../../../functions/uuid.ts';
import type { CallLine } from '../src/call-line.ts';
import type { Dialer } from '../src/dialer.ts';
import type { DocumentStore } from '../src/document-store.ts';
import { createLiveCalls } from '../src/live-calls.ts';
import { createPlatform } from '../src/platform.ts';
import { createReplayedCalls } from '../src/replayed-calls.ts';
import { createScriptedDialer, defaultScriptTimes } from '../src/scripted-dialer.ts';
import { defaultSeed, type Seed } from '../src/seed.ts';
import { defaultTimeLimits } from '../src/time-limits.ts';
import { createVirtualClock, type VirtualClock } from '../src/virtual-clock.ts';
import type { Webhooks } from '../src/webhooks.ts';
import type { Answer, HttpClient, SendOptions } from './http-client.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { beginning } from './sandbox-under-test.ts';

export type InMemoryOptions = {
  store?: DocumentStore;
  clock?: VirtualClock;
  seed?: Seed;
  dialer?: Dialer;
  /** Whether calls are worked out when they are looked at, instead of being dialled. */
  replayed?: boolean;
  maxDurationMs?: number;
  webhooks?: Webhooks;
  onError?(error: unknown): void;
};

export type PlatformInMemory = {
  store: DocumentStore;
  clock: VirtualClock;
  http: HttpClient;
  close(): Promise<void>;
};

const noWebhooks: Webhooks = { send: () => {}, close: async () => {} };

/** The stand-in without a server, without DynamoDB and without waiting: its time stands still until the test moves it. */
export async function startPlatformInMemory({
  store = createMemoryDocumentStore(),
  clock = createVirtualClock(beginning),
  seed = defaultSeed(),
  dialer = createScriptedDialer({ clock }),
  replayed = false,
  maxDurationMs = defaultTimeLimits.maxDurationMs,
  webhooks = noWebhooks,
  onError = (error) => {
    throw error;
  },
}: InMemoryOptions = {}): Promise<PlatformInMemory> {
  const limits = { ...defaultTimeLimits, maxDurationMs };
  const platform = createPlatform({
    store,
    clock,
    seed,
    onError,
    lineOf: ({ records }): CallLine =>
      replayed
        ? createReplayedCalls({ clock, records, times: defaultScriptTimes, ...limits })
        : createLiveCalls({ clock, records, dialer, webhooks, onError, ...limits }),
  });
  await platform.plant();
  await platform.calls.recover();

  const send = async (
    method: string,
    target: string,
    { body, text, headers }: SendOptions,
  ): Promise<Answer> => {
    const url = new URL(target, 'http://sandbox.invalid');
    const sent = new Headers({ 'Content-Type': 'application/json', 'X-Request-Id': nilUuid, ...headers });
    const answer = await platform.router({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(sent),
      body: text ?? (body === undefined ? '' : JSON.stringify(body)),
    });
    const isJson = answer.headers['Content-Type'] === 'application/json';
    return {
      status: answer.status,
      headers: new Headers(answer.headers),
      body: isJson ? JSON.parse(answer.body) : answer.body,
    };
  };

  return {
    store,
    clock,
    http: {
      get: (target, options = {}) => send('GET', target, options),
      delete: (target, options = {}) => send('DELETE', target, options),
      post: (target, body, options) => send('POST', target, { body, ...options }),
      put: (target, body, options) => send('PUT', target, { body, ...options }),
    },
    close: () => platform.line.close(),
  };
}
