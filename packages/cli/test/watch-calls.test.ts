import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type WatchedCall, watchCalls } from '../src/watch-calls.ts';
import { ANSWERED, apiError, IDS, sessionUnderTest } from './session-under-test.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function idle() {
  return new AbortController().signal;
}
function call(status: string, id: string = IDS.call) {
  return { ...ANSWERED, id, status };
}

/** Watches with all timers run, and returns the statuses that were seen. */
async function watched(
  replies: Record<string, unknown>,
  record = { call_ids: [IDS.call] as string[], groupcall_ids: [] as string[] },
  signal = idle(),
) {
  const session = sessionUnderTest(replies);
  const seen: string[] = [];
  const onChange = (calls: readonly WatchedCall[]) =>
    void seen.push(calls.map((one) => one.call?.status ?? '?').join(' '));
  const watching = watchCalls(session, record, { onChange, signal });
  await vi.runAllTimersAsync();
  return { watch: await watching, seen, session };
}

test('calls are watched until all have ended', async () => {
  const { watch, seen } = await watched(
    {
      [`GET /calls/${IDS.call}`]: [call('dialing'), call('ringing'), call('hangup')],
      [`GET /calls/${IDS.otherCall}`]: call('hangup', IDS.otherCall),
    },
    { call_ids: [IDS.call, IDS.otherCall], groupcall_ids: [] },
  );
  expect(seen).toEqual(['? ?', 'dialing hangup', 'ringing hangup', 'hangup hangup']);
  expect(watch.finished).toBe(true);
});

test('a call that has ended is not requested again', async () => {
  const { session } = await watched(
    {
      [`GET /calls/${IDS.call}`]: [call('ringing'), call('hangup')],
      [`GET /calls/${IDS.otherCall}`]: call('hangup', IDS.otherCall),
    },
    { call_ids: [IDS.call, IDS.otherCall], groupcall_ids: [] },
  );
  expect(session.requests.filter((request) => request.includes(IDS.otherCall))).toHaveLength(1);
});

test('the calls of a groupcall are watched as they appear', async () => {
  const { watch, seen } = await watched(
    {
      [`GET /groupcalls/${IDS.groupcall}`]: [
        { id: IDS.groupcall, status: 'progressing', call_ids: [] },
        { id: IDS.groupcall, status: 'hangup', call_ids: [IDS.call] },
      ],
      [`GET /calls/${IDS.call}`]: call('hangup'),
    },
    { call_ids: [], groupcall_ids: [IDS.groupcall] },
  );
  expect(seen).toEqual(['', '', 'hangup']);
  expect(watch.finished).toBe(true);
});

const GROUPCALL = { call_ids: [], groupcall_ids: [IDS.groupcall] };

test('a call that a groupcall lists before it exists is waited for', async () => {
  const { watch, seen, session } = await watched(
    {
      [`GET /groupcalls/${IDS.groupcall}`]: [
        { id: IDS.groupcall, status: 'progressing', call_ids: [IDS.call, IDS.otherCall] },
        { id: IDS.groupcall, status: 'progressing', call_ids: [IDS.call, IDS.otherCall] },
        { id: IDS.groupcall, status: 'hangup', call_ids: [IDS.call, IDS.otherCall] },
      ],
      [`GET /calls/${IDS.call}`]: [apiError(404, 'CALL_NOT_FOUND'), call('ringing'), call('hangup')],
      [`GET /calls/${IDS.otherCall}`]: call('hangup', IDS.otherCall),
    },
    GROUPCALL,
  );
  expect(seen).toEqual(['', '? hangup', 'ringing hangup', 'hangup hangup']);
  expect(watch.finished).toBe(true);
  expect(session.notes).toEqual([]);
});

test('a call that does not exist when its groupcall ends is no longer waited for', async () => {
  const { watch, session } = await watched(
    {
      [`GET /groupcalls/${IDS.groupcall}`]: [
        { id: IDS.groupcall, status: 'progressing', call_ids: [IDS.call] },
        { id: IDS.groupcall, status: 'hangup', call_ids: [IDS.call] },
      ],
    },
    GROUPCALL,
  );
  expect(watch).toMatchObject({ finished: true, calls: [{ call: undefined, isAbsent: true }] });
  expect(session.notes).toEqual([`the platform has no call ${IDS.call}`]);
});

test.each([
  ['was deleted', apiError(409, 'STATE_INVALID')],
  ['the platform does not have', apiError(404, 'CALL_NOT_FOUND')],
])('a call that %s does not end the watching of the others', async (_, reply) => {
  const { watch, seen, session } = await watched(
    {
      [`GET /calls/${IDS.call}`]: [call('ringing'), reply],
      [`GET /calls/${IDS.otherCall}`]: [
        call('ringing', IDS.otherCall),
        call('ringing', IDS.otherCall),
        call('hangup', IDS.otherCall),
      ],
    },
    { call_ids: [IDS.call, IDS.otherCall], groupcall_ids: [] },
  );
  expect(seen).toEqual(['? ?', 'ringing ringing', '? ringing', '? hangup']);
  expect(watch).toMatchObject({ finished: true, calls: [{ isAbsent: true }, { isAbsent: false }] });
  expect(session.notes).toEqual([`the platform has no call ${IDS.call}`]);
});

test('the calls of a groupcall’s groupcalls are watched, and circles end', async () => {
  const { watch, seen } = await watched(
    {
      [`GET /groupcalls/${IDS.groupcall}`]: [
        { id: IDS.groupcall, status: 'progressing', groupcall_ids: [IDS.childGroupcall] },
        { id: IDS.groupcall, status: 'progressing', groupcall_ids: [IDS.childGroupcall] },
        { id: IDS.groupcall, status: 'hangup', groupcall_ids: [IDS.childGroupcall] },
      ],
      [`GET /groupcalls/${IDS.childGroupcall}`]: [
        apiError(404, 'GROUPCALL_NOT_FOUND'),
        {
          id: IDS.childGroupcall,
          status: 'hangup',
          call_ids: [IDS.call],
          groupcall_ids: [IDS.groupcall, IDS.childGroupcall],
        },
      ],
      [`GET /calls/${IDS.call}`]: call('hangup'),
    },
    GROUPCALL,
  );
  expect(seen.at(-1)).toBe('hangup');
  expect(watch.finished).toBe(true);
});

test('a groupcall that the platform does not have is not watched', async () => {
  const { watch } = await watched({}, GROUPCALL);
  expect(watch).toEqual({ calls: [], finished: true });
});

test('groupcalls are followed four levels deep', async () => {
  const endless = (request: Request) => {
    const id = request.url.slice(-1);
    return { id, status: 'hangup', groupcall_ids: [String(Number(id) + 1)] };
  };
  const { session, watch } = await watched(
    Object.fromEntries(['1', '2', '3', '4', '5'].map((id) => [`GET /groupcalls/${id}`, endless])),
    { call_ids: [], groupcall_ids: ['1'] },
  );
  expect(session.requests).toEqual(['1', '2', '3', '4'].map((id) => `GET /groupcalls/${id}`));
  expect(watch.finished).toBe(true);
});

test('an API that is down for a while does not end the watching', async () => {
  const { watch, session } = await watched({
    [`GET /calls/${IDS.call}`]: [
      call('ringing'),
      apiError(503, 'SERVICE_UNAVAILABLE'),
      new TypeError('lost'),
      new Response('<h1>Bad Gateway</h1>', { status: 502 }),
      new Response('slow down', { status: 429 }),
      call('hangup'),
    ],
  });
  expect(watch.finished).toBe(true);
  expect(session.notes).toEqual([
    'the API is not responding; the calls go on and are still being watched',
    'the API is responding again',
  ]);
});

test.each([
  ['does not respond', new TypeError('lost')],
  ['is behind a proxy that does not reach it', new Response('<h1>Bad Gateway</h1>', { status: 502 })],
])('watching ends after a minute in which the API %s', async (_, reply) => {
  const startedAt = Date.now();
  const { watch } = await watched({ [`GET /calls/${IDS.call}`]: [call('ringing'), reply] });
  expect(watch).toMatchObject({ finished: false, calls: [{ call: { status: 'ringing' } }] });
  expect(Date.now() - startedAt).toBeGreaterThan(60_000);
  expect(Date.now() - startedAt).toBeLessThan(63_000);
});

test.each([
  ['of the API', apiError(403, 'PERMISSION_DENIED'), { reason: 'PERMISSION_DENIED' }],
  ['of a proxy', new Response('Forbidden', { status: 403 }), { httpStatus: 403 }],
  ['in a success', new Response('<h1>Welcome</h1>'), { httpStatus: 200 }],
])('an error %s that is not temporary is thrown', async (_, reply, error) => {
  const session = sessionUnderTest({ [`GET /calls/${IDS.call}`]: reply });
  await expect(
    watchCalls(session, { call_ids: [IDS.call], groupcall_ids: [] }, { signal: idle() }),
  ).rejects.toMatchObject(error);
});

test.each([
  ['responds', call('ringing')],
  ['is behind a proxy that no longer reaches it', new Response('Bad Gateway', { status: 502 })],
])('a signal stops the watching of an API that %s', async (_, reply) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 700);
  const { watch, seen } = await watched(
    { [`GET /calls/${IDS.call}`]: [call('ringing'), reply] },
    undefined,
    controller.signal,
  );
  expect(watch.finished).toBe(false);
  expect(seen).toEqual(['?', 'ringing', 'ringing']);
});
