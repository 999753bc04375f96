import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSession } from '../src/session.ts';
import { RECORD, sessionUnderTest } from './session-under-test.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('PROVIDERCALL_URL', 'http://127.0.0.1:3000');
  vi.stubEnv('PROVIDERCALL_TOKEN', 't');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function failed(code: string) {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}
const REQUEST = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+82' }] };

async function creating(...replies: unknown[]) {
  const { terminal, notes } = sessionUnderTest({});
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (reply instanceof Error) throw reply;
    if (reply instanceof Response) return reply;
    return Response.json(reply);
  });
  const session = await openSession(terminal);
  const creating = session.providerCalls
    .createProviderCall(REQUEST, { idempotencyKey: 'k' })
    .catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  const outcome = await creating;
  return { outcome, notes, mayHaveReached: session.mayHaveReachedApi(outcome) };
}

test('a lost connection is reported, and the request is sent again with its key', async () => {
  const { outcome, notes } = await creating(failed('ECONNRESET'), RECORD);
  expect(outcome).toMatchObject({ record: RECORD });
  expect(notes).toEqual(['no response from 127.0.0.1:3000; sending the same request again in 200 ms']);
});

test('an error after which the request is sent again is one line that does not control the terminal', async () => {
  const error = { reason: 'REQUEST_IN_PROGRESS', message: 'Wait.\u001b[2J\n' };
  const { notes } = await creating(Response.json({ error }, { status: 409 }), RECORD);
  expect(notes).toEqual([
    'REQUEST_IN_PROGRESS: Wait.\\u001b[2J\\n; sending the same request again in 200 ms',
  ]);
});

test('a connection that was refused each time placed nothing', async () => {
  expect((await creating(failed('ECONNREFUSED'))).mayHaveReached).toBe(false);
});

test('a connection that was lost once may have placed the calls, whatever came later', async () => {
  expect((await creating(failed('ECONNRESET'), failed('ECONNREFUSED'))).mayHaveReached).toBe(true);
});
