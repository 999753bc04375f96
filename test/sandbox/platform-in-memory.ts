import type { CallLine } from '../../sandbox/call-line.ts';
import type { Clock } from '../../sandbox/clock.ts';
import type { Dialer } from '../../sandbox/dialer.ts';
import type { DocumentStore } from '../../sandbox/document-store.ts';
import { createLiveCalls } from '../../sandbox/live-calls.ts';
import { createPlatform } from '../../sandbox/platform.ts';
import { createReplayedCalls } from '../../sandbox/replayed-calls.ts';
import { defaultScriptTimes } from '../../sandbox/scripted-dialer.ts';
import { defaultSeed, type Seed } from '../../sandbox/seed.ts';
import { defaultTimeLimits } from '../../sandbox/time-limits.ts';

type Options = {
  store: DocumentStore;
  clock: Clock;
  seed?: Seed;
  /** Dials for calls that live; without it they are replayed. */
  dialer?: Dialer;
  onError?(error: unknown): void;
};

/** The stand-in without a server and without DynamoDB. */
export async function startPlatformInMemory({
  store,
  clock,
  seed = defaultSeed(),
  dialer,
  onError = () => {},
}: Options) {
  const platform = createPlatform({
    store,
    clock,
    seed,
    onError,
    lineOf: ({ records }): CallLine =>
      dialer === undefined
        ? createReplayedCalls({ clock, records, times: defaultScriptTimes, ...defaultTimeLimits })
        : createLiveCalls({
            clock,
            records,
            dialer,
            onError,
            webhooks: { send: () => {}, close: async () => {} },
            ...defaultTimeLimits,
          }),
  });
  await platform.plant();
  await platform.calls.recover();

  const request = async (method: string, target: string, body?: unknown, key?: string) => {
    const [path = '', query = ''] = target.split('?');
    const answer = await platform.router({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    return { status: answer.status, body: JSON.parse(answer.body) };
  };

  return {
    get: (target: string) => request('GET', target),
    post: (target: string, body?: unknown, key?: string) => request('POST', target, body, key),
    close: () => platform.line.close(),
  };
}
