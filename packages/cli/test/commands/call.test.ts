import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CallInput, placeCalls } from '../../src/commands/call.ts';
import {
  ANSWERED,
  apiError,
  BUSY_CALL,
  IDS,
  PROVIDER,
  page,
  RECORD,
  sessionUnderTest,
} from '../session-under-test.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const INPUT: CallInput = {
  destinations: ['+821012345678'],
  provider: 'Answers',
  from: '+14155551234',
  watch: true,
  idempotencyKey: 'k-1',
};
const providers = { 'GET /providers': page(PROVIDER) };
const placed = { ...providers, 'POST /providercalls': RECORD };

async function placing(
  replies: Record<string, unknown>,
  changes: Partial<CallInput> = {},
  options: Parameters<typeof sessionUnderTest>[1] = {},
) {
  const session = sessionUnderTest(replies, options);
  const outcome = placeCalls(session, { ...INPUT, ...changes }).then(
    (exitCode) => ({ exitCode, message: undefined, reason: undefined }),
    ({ exitCode, message, reason }: { exitCode?: number; message: string; reason?: string }) => ({
      exitCode,
      message,
      reason,
    }),
  );
  await vi.runAllTimersAsync();
  return { session, ...(await outcome) };
}

test('a call is placed with its key and watched to its end', async () => {
  const { session, exitCode } = await placing({
    ...placed,
    [`GET /calls/${IDS.call}`]: [
      { ...ANSWERED, status: 'ringing', hangup_reason: '' },
      { ...ANSWERED, status: 'progressing', hangup_reason: '' },
      ANSWERED,
    ],
  });
  expect(exitCode).toBe(0);
  const post = session.sent.find(({ method }) => method === 'POST');
  expect(post?.headers.get('Idempotency-Key')).toBe('k-1');
  expect(await post?.json()).toEqual({
    provider_id: IDS.provider,
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
  });
  expect(session.notes).toEqual(['Idempotency-Key: k-1']);
  expect(session.printed.slice(0, 4)).toEqual([
    `record ${IDS.record}`,
    '+821012345678 ringing',
    '+821012345678 progressing',
    '+821012345678 hangup (normal)',
  ]);
});

test.each<[string, Partial<CallInput>, object]>([
  [
    'a sentence to say',
    { say: 'Hello.' },
    {
      actions: [
        { type: 'answer' },
        { type: 'talk', option: { text: 'Hello.', language: 'en-US' } },
        { type: 'hangup' },
      ],
    },
  ],
  ['actions', { actions: '[{"type":"answer"}]' }, { actions: [{ type: 'answer' }] }],
  [
    'a flow',
    { flow: 'f0000000-0000-4000-8000-000000000001' },
    { flow_id: 'f0000000-0000-4000-8000-000000000001' },
  ],
  ['a hidden caller', { anonymous: 'yes' }, { anonymous: 'yes' }],
])('the request states %s', async (_, changes, expected) => {
  const { session } = await placing({ ...placed, [`GET /calls/${IDS.call}`]: BUSY_CALL }, changes);
  expect(await session.sent.find(({ method }) => method === 'POST')?.json()).toMatchObject(expected);
});

test('without a key one is generated and shown', async () => {
  const session = sessionUnderTest({ ...placed, [`GET /calls/${IDS.call}`]: BUSY_CALL });
  const { idempotencyKey: _, ...rest } = INPUT;
  const placing = placeCalls(session, rest);
  await vi.runAllTimersAsync();
  expect(await placing).toBe(10);
  const key = session.sent.find(({ method }) => method === 'POST')?.headers.get('Idempotency-Key');
  expect(key).toMatch(/^cli-[0-9a-f-]{36}$/);
  expect(session.notes).toContain(`Idempotency-Key: ${key}`);
});

test.each([
  ['that is empty', '', ''],
  ['with a blank', 'order 1', 'order 1'],
  ['with a typographic dash', 'order–1', 'order–1'],
  ['with a control character', 'order\u001b', 'order\\u001b'],
  ['of 256 characters', 'k'.repeat(256), 'k'.repeat(256)],
])('a key %s is a usage error, and nothing is requested', async (_, idempotencyKey, shown) => {
  const { session, exitCode, message } = await placing(placed, { idempotencyKey });
  expect({ exitCode, message }).toEqual({
    exitCode: 2,
    message: `--idempotency-key takes 1 to 255 visible ASCII characters, not "${shown}"`,
  });
  expect(session.requests).toEqual([]);
});

const WRONG: Partial<CallInput> = { destinations: ['01012345678'], say: ' ' };
const WARNINGS = [
  'warning: "01012345678" is not E.164: it is in national format; write + and the country code instead of the leading 0.',
  'warning: A talk action without a text says nothing.',
];

test('a request that is probably wrong is not sent without a terminal', async () => {
  const { session, exitCode, message } = await placing(placed, WRONG);
  expect({ exitCode, message }).toEqual({
    exitCode: 2,
    message: 'nothing was dialled: correct the request, or add --yes to dial it as it is',
  });
  expect(session.notes).toEqual(WARNINGS);
  expect(session.requests).toEqual(['GET /providers']);
});

test.each([
  [true, 10],
  [false, 2],
])('on a terminal, the answer %s decides whether it is sent', async (answer, expected) => {
  const { session, exitCode } = await placing({ ...placed, [`GET /calls/${IDS.call}`]: BUSY_CALL }, WRONG, {
    answers: [answer],
  });
  expect(exitCode).toBe(expected);
  expect(session.questions).toEqual(['Place these real, billed calls anyway?']);
});

test('--yes sends a request that is probably wrong without a question', async () => {
  const { session, exitCode } = await placing(
    { ...placed, [`GET /calls/${IDS.call}`]: BUSY_CALL },
    { ...WRONG, yes: true },
    { answers: [] },
  );
  expect(exitCode).toBe(10);
  expect(session.questions).toEqual([]);
});

test('a suggestion is part of the warning', async () => {
  const { session } = await placing(placed, {
    destinations: ['+82 10 1234 5678'],
    actions: '[{"type":"anwser"}]',
  });
  expect(session.notes).toEqual([
    'warning: "+82 10 1234 5678" is not E.164: it contains spaces or punctuation. Did you mean +821012345678?',
    'warning: "anwser" is not an action type of the platform; did you mean "answer"?',
  ]);
});

test.each([
  ['a lost connection', new TypeError('fetch failed')],
  ['a page of a proxy', new Response('Bad Gateway', { status: 502 })],
  ['a request that is still under way', apiError(409, 'REQUEST_IN_PROGRESS')],
])('after %s the key to repeat the command with is named', async (_, reply) => {
  const { exitCode, message } = await placing({ ...providers, 'POST /providercalls': reply });
  expect(exitCode).toBe(20);
  expect(message).toMatch(
    /the calls may have been placed: repeat the command with --idempotency-key k-1; nothing is dialled twice$/,
  );
});

test('a connection that was never made placed nothing', async () => {
  const session = sessionUnderTest({ ...providers, 'POST /providercalls': new TypeError('fetch failed') });
  await expect(placeCalls({ ...session, mayHaveReachedApi: () => false }, INPUT)).rejects.toMatchObject({
    name: 'ConnectionError',
  });
});

test.each([
  ['', {}],
  [' whose details are null', { details: null }],
])('an error of the API%s is reported as it is', async (_, fields) => {
  const error = { status: 'X', reason: 'INSUFFICIENT_BALANCE', message: 'Do this.', ...fields };
  const { reason } = await placing({
    ...providers,
    'POST /providercalls': Response.json({ error }, { status: 402 }),
  });
  expect(reason).toBe('INSUFFICIENT_BALANCE');
});

test.each([
  ['the API no longer responds', new TypeError('fetch failed')],
  ['a proxy responds instead of the API', new Response('<h1>Bad Gateway</h1>', { status: 502 })],
])('when %s, the command says that the calls go on and how to end them', async (_, reply) => {
  const { session, exitCode } = await placing({
    ...placed,
    [`GET /calls/${IDS.call}`]: [{ ...ANSWERED, status: 'ringing', hangup_reason: '' }, reply],
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: reply,
  });
  expect(exitCode).toBe(20);
  expect(session.notes.slice(1)).toEqual([
    'the API is not responding; the calls go on and are still being watched',
    `1 of 1 calls go on: providercall hangup ${IDS.record} ends them`,
  ]);
  expect(session.requests.filter((line) => line.startsWith('POST /providercalls '))).toHaveLength(1);
});

test('calls whose messages cannot be read still have an outcome', async () => {
  const { session, exitCode } = await placing({
    ...placed,
    [`GET /calls/${IDS.call}`]: BUSY_CALL,
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: apiError(503, 'SERVICE_UNAVAILABLE'),
  });
  expect(exitCode).toBe(10);
  expect(session.printed).toContain(`+821012345678  busy  (call ${IDS.call})`);
  expect(session.notes.at(-1)).toMatch(/^the messages of call .* cannot be read .*: providercall trace /);
});

test('a call that the platform no longer has is of unknown outcome and does not go on', async () => {
  const { session, exitCode } = await placing({
    ...placed,
    'POST /providercalls': { ...RECORD, call_ids: [IDS.call, IDS.otherCall] },
    [`GET /calls/${IDS.call}`]: BUSY_CALL,
    [`GET /calls/${IDS.otherCall}`]: apiError(409, 'STATE_INVALID'),
  });
  expect(exitCode).toBe(20);
  expect(session.printed).toContain(`+821012345678  busy  (call ${IDS.call})`);
  expect(session.notes.slice(1)).toEqual([`the platform has no call ${IDS.otherCall}`]);
});

test('an unconfirmed record has an unknown outcome', async () => {
  const response = () =>
    Response.json({ ...RECORD, call_ids: [] }, { headers: { 'X-ProviderCall-State': 'unconfirmed' } });
  const { session, exitCode } = await placing({ ...providers, 'POST /providercalls': response });
  expect(exitCode).toBe(20);
  expect(session.notes[1]).toBe(
    `it is not known yet whether its calls were placed: check later with providercall get ${IDS.record}`,
  );
});

test('--no-watch does not wait', async () => {
  const { session, exitCode } = await placing(placed, { watch: false });
  expect(exitCode).toBe(0);
  expect(session.printed).toEqual([`record ${IDS.record}`]);
  expect(session.requests.filter((request) => request.startsWith('GET /calls'))).toEqual([]);
});

test('a replay says that nothing was dialled', async () => {
  const replay = () => Response.json(RECORD, { headers: { 'Idempotent-Replayed': 'true' } });
  const { session } = await placing({ ...providers, 'POST /providercalls': replay }, { watch: false });
  expect(session.printed).toEqual([
    `record ${IDS.record} (placed earlier with this key; nothing was dialled now)`,
  ]);
});

test('with --json, stdout is one JSON document', async () => {
  const { session, exitCode } = await placing(
    { ...placed, [`GET /calls/${IDS.call}`]: BUSY_CALL },
    { json: true },
  );
  expect(exitCode).toBe(10);
  expect(session.printed).toHaveLength(1);
  expect(JSON.parse(session.printed[0] ?? '')).toMatchObject({
    record: RECORD,
    unconfirmed: false,
    replayed: false,
    idempotency_key: 'k-1',
    calls: [{ call: { id: IDS.call, hangup_reason: 'busy' }, analysis: { failure: 'busy' } }],
  });
});

function ringingOnce(hungUp: () => boolean) {
  return () => ({
    ...BUSY_CALL,
    ...(hungUp()
      ? { hangup_reason: 'cancel', hangup_by: 'local' }
      : { status: 'ringing', hangup_reason: '', tm_hangup: null }),
  });
}

/** Sends SIGINT to this process a second after the call was placed. */
async function interrupted(changes: Partial<CallInput>, options?: Parameters<typeof sessionUnderTest>[1]) {
  let hungUp = false;
  const hangup = () => {
    hungUp = true;
    return { ...BUSY_CALL, status: 'canceling' };
  };
  setTimeout(() => process.emit('SIGINT'), 1000);
  const listeners = process.listenerCount('SIGINT');
  const placed = await placing(
    {
      ...providers,
      'POST /providercalls': RECORD,
      [`GET /calls/${IDS.call}`]: ringingOnce(() => hungUp),
      [`POST /calls/${IDS.call}/hangup`]: hangup,
    },
    changes,
    options,
  );
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  return { ...placed, hungUp };
}

test.each([
  ['a person who says yes', {}, { answers: [true] }],
  ['--hangup-on-exit', { hangupOnExit: true }, {}],
])('Ctrl-C and %s hang the calls up and wait for their end', async (_, changes, options) => {
  const { exitCode, hungUp, session } = await interrupted(changes, options);
  expect({ exitCode, hungUp }).toEqual({ exitCode: 14, hungUp: true });
  expect(session.printed).toContain('+821012345678 hangup (cancel)');
});

test.each([
  ['a person who says no', {}, { answers: [false] }],
  ['no terminal', {}, {}],
])(
  'after Ctrl-C and %s the calls go on, and the command says how to end them',
  async (_, changes, options) => {
    const { exitCode, hungUp, session } = await interrupted(changes, options);
    expect({ exitCode, hungUp }).toEqual({ exitCode: 20, hungUp: false });
    expect(session.notes.at(-1)).toBe(`1 of 1 calls go on: providercall hangup ${IDS.record} ends them`);
  },
);
