import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readProvider } from '../../../client/src/platform-resources.ts';
import verifyPlanSchema from '../../schema/verify-plan.schema.json' with { type: 'json' };
import { keyOf, newRunId, type Plan, parsePlan } from '../../src/verify/plan.ts';
import { type CallResult, type RunOptions, runPlan } from '../../src/verify/run.ts';
import {
  ANSWERED,
  apiError,
  BUSY_CALL,
  IDS,
  PROVIDER,
  RECORD,
  sessionUnderTest,
} from '../session-under-test.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PLAN: Plan = {
  maxCalls: 10,
  callsPerSecond: 2,
  maxTalkSeconds: 1,
  maxRingSeconds: 2,
  calls: [{ provider: 'Busy', destination: '+821012345678', count: 3, expect: { outcome: 'busy' } }],
};
const run = newRunId(PLAN);
function idle() {
  return new AbortController().signal;
}

async function running(replies: Record<string, unknown>, changes: Partial<RunOptions> = {}) {
  const session = sessionUnderTest(replies);
  const found = readProvider(PROVIDER);
  const seen: CallResult[] = [];
  const outcome = runPlan(session, {
    plan: PLAN,
    run,
    providers: new Map(found && [['Busy', found]]),
    signal: idle(),
    abandon: idle(),
    onResult: (result) => seen.push(result),
    ...changes,
  }).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { session, outcome: await outcome, seen };
}

test('each call has its key, and the pace is kept', async () => {
  const times: number[] = [];
  const { session, outcome } = await running({
    'POST /providercalls': () => {
      times.push(Date.now());
      return RECORD;
    },
    [`GET /calls/${IDS.call}`]: BUSY_CALL,
  });
  expect(outcome).toMatchObject({ open: 0, results: [{ index: 0 }, { index: 1 }, { index: 2 }] });
  const posts = session.sent.filter(({ method }) => method === 'POST');
  expect(posts.map(({ headers }) => headers.get('Idempotency-Key'))).toEqual(
    [0, 1, 2].map((index) => keyOf(PLAN, run, index)),
  );
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 500, 1000]);
});

test('the slowest pace that a plan may have is kept', async () => {
  const slowest = parsePlan(
    JSON.stringify({ ...PLAN, callsPerSecond: verifyPlanSchema.properties.callsPerSecond.minimum }),
    'plan.json',
  );
  const times: number[] = [];
  await running(
    {
      'POST /providercalls': () => {
        times.push(Date.now());
        return RECORD;
      },
      [`GET /calls/${IDS.call}`]: BUSY_CALL,
    },
    { plan: slowest },
  );
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 1_000_000, 2_000_000]);
});

test('a call that is not as expected says why', async () => {
  const { outcome } = await running({ 'POST /providercalls': RECORD, [`GET /calls/${IDS.call}`]: ANSWERED });
  expect(outcome).toMatchObject({ results: [{ deviation: 'answered instead of busy' }, {}, {}] });
});

test('a call whose messages cannot be read has a result', async () => {
  const { outcome } = await running({
    'POST /providercalls': RECORD,
    [`GET /calls/${IDS.call}`]: BUSY_CALL,
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: apiError(503, 'SERVICE_UNAVAILABLE'),
  });
  expect(outcome).toMatchObject({ open: 0, results: [{ recordId: IDS.record }, {}, {}] });
});

test('a call that the platform no longer has is not as expected', async () => {
  const { outcome } = await running({
    'POST /providercalls': RECORD,
    [`GET /calls/${IDS.call}`]: apiError(409, 'STATE_INVALID'),
  });
  const result = { recordId: IDS.record, deviation: 'the platform no longer has its call' };
  expect(outcome).toMatchObject({ open: 0, results: [result, result, result] });
});

test.each([
  ['progressing', 1000],
  ['ringing', 2000],
])('a call that is %s is hung up at the plan’s limit', async (status, limitMs) => {
  const one = { ...PLAN, calls: PLAN.calls.map((call) => ({ ...call, count: 1 })) };
  let hungUpAt: number | undefined;
  const startedAt = Date.now();
  await running(
    {
      'POST /providercalls': RECORD,
      [`GET /calls/${IDS.call}`]: () => (hungUpAt === undefined ? { ...ANSWERED, status } : ANSWERED),
      [`POST /calls/${IDS.call}/hangup`]: () => {
        hungUpAt = Date.now() - startedAt;
        return ANSWERED;
      },
    },
    { plan: one },
  );
  expect(hungUpAt).toBe(limitMs);
});

test('a call is hung up at the plan’s limit even while a proxy responds instead of the API', async () => {
  const one = { ...PLAN, calls: PLAN.calls.map((call) => ({ ...call, count: 1 })) };
  let isHungUp = false;
  let polls = 0;
  const { session, outcome } = await running(
    {
      'POST /providercalls': RECORD,
      [`GET /calls/${IDS.call}`]: () => {
        polls += 1;
        if (isHungUp) return ANSWERED;
        return polls === 1
          ? { ...ANSWERED, status: 'progressing' }
          : new Response('<h1>Bad Gateway</h1>', { status: 502 });
      },
      [`POST /calls/${IDS.call}/hangup`]: () => {
        isHungUp = true;
        return ANSWERED;
      },
    },
    { plan: one },
  );
  expect(isHungUp).toBe(true);
  expect(outcome).toMatchObject({ open: 0, results: [{ deviation: 'answered instead of busy' }] });
  expect(session.requests.filter((line) => line.startsWith('POST /providercalls'))).toHaveLength(1);
});

test('a call whose outcome is unknown is not as expected, and is not dialled again', async () => {
  const { session, outcome } = await running({
    'POST /providercalls': [
      apiError(503, 'CALL_OUTCOME_UNKNOWN', [{ providercall_id: IDS.record }]),
      apiError(429, 'RATE_LIMIT_EXCEEDED'),
      { ...RECORD, call_ids: [] },
    ],
  });
  expect(outcome).toMatchObject({
    open: 0,
    results: [
      { recordId: IDS.record, deviation: 'it is not known whether it was placed' },
      { deviation: 'not placed: RATE_LIMIT_EXCEEDED: Do this. [request r-1]' },
      { recordId: IDS.record, deviation: 'it is not known whether it was placed' },
    ],
  });
  expect(session.requests).toHaveLength(3);
});

test.each([
  ['a lost connection', new TypeError('lost'), 'ConnectionError'],
  ['a page of a proxy', new Response('Bad Gateway', { status: 502 }), 'UnexpectedResponseError'],
  ['a missing permission', apiError(403, 'PERMISSION_DENIED'), 'ProviderCallApiError'],
  ['an empty balance', apiError(402, 'INSUFFICIENT_BALANCE'), 'ProviderCallApiError'],
])('no further call is placed after %s', async (_, reply, name) => {
  const { session, outcome } = await running({ 'POST /providercalls': reply });
  expect(outcome).toMatchObject({ name });
  expect(session.requests).toHaveLength(1);
});

test('no further call is placed after a signal, and the calls that were placed are waited for', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const { session, outcome } = await running(
    {
      'POST /providercalls': RECORD,
      [`GET /calls/${IDS.call}`]: [{ ...BUSY_CALL, status: 'dialing' }, BUSY_CALL],
    },
    { signal: controller.signal },
  );
  expect(outcome).toMatchObject({ open: 2, results: [{ index: 0 }] });
  expect(session.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
});
