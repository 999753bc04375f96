import { expect, test } from 'vitest';
import { compareProviders } from '../../src/commands/compare.ts';
import {
  ANSWERED,
  apiError,
  BUSY_CALL,
  BUSY_PROVIDER,
  IDS,
  PROVIDER,
  page,
  RECORD,
  sessionUnderTest,
} from '../session-under-test.ts';

const REJECTED = { ...BUSY_CALL, hangup_reason: 'failed' };
function callIds(prefix: string, count: number) {
  return Array.from(
    { length: count },
    (_, index) => `${prefix}0000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
}

/** A has answered all of its calls, B none. */
function replies(count: number) {
  const [a, b] = [callIds('a', count), callIds('b', count)];
  return {
    'GET /providers': page(PROVIDER, BUSY_PROVIDER),
    [`GET /providercalls?page_size=${Math.min(count, 100)}&provider_id=${IDS.provider}`]: page({
      ...RECORD,
      call_ids: a,
    }),
    [`GET /providercalls?page_size=${Math.min(count, 100)}&provider_id=${IDS.busy}`]: page({
      ...RECORD,
      call_ids: b,
    }),
    ...Object.fromEntries(a.map((id) => [`GET /calls/${id}`, { ...ANSWERED, id }])),
    ...Object.fromEntries(b.map((id) => [`GET /calls/${id}`, { ...REJECTED, id }])),
  };
}

test('a provider that answers none of ten calls is significantly worse than one that answers all', async () => {
  const session = sessionUnderTest(replies(10));
  expect(await compareProviders(session, { a: 'Answers', b: 'Busy', last: 10 })).toBe(1);
  expect(session.printed).toEqual([
    'Answers\t10\t10/10, 72 to 100 %\t10/10, 72 to 100 %\t0.50 s (n=10)\t0.50 s (n=10)\t10.00 s (n=10)\t-',
    'Busy\t10\t0/10, 0 to 28 %\t0/10, 0 to 28 %\t-\t-\t-\t-',
    '',
    'Busy against Answers:',
    '  answered (ASR): -100 percentage points, 95 % interval -100 to -61: significantly worse',
    '  reached the network (NER): -100 percentage points, 95 % interval -100 to -61: significantly worse',
  ]);
});

test('calls whose messages cannot be read are compared by their states', async () => {
  const unread = [...callIds('a', 1), ...callIds('b', 1)].map((id) => [
    `GET /timelines/calls/${id}/sip-analysis`,
    apiError(503, 'SERVICE_UNAVAILABLE'),
  ]);
  const session = sessionUnderTest({ ...replies(1), ...Object.fromEntries(unread) });
  await compareProviders(session, { a: 'Answers', b: 'Busy', last: 1 });
  expect(session.printed[0]).toMatch(/^Answers\t1\t1\/1/);
  expect(session.notes).toHaveLength(2);
});

test('one call of each provider shows no significant difference', async () => {
  const session = sessionUnderTest(replies(1));
  expect(await compareProviders(session, { a: 'Answers', b: 'Busy', last: 1 })).toBe(0);
  expect(session.printed[4]).toMatch(/no significant difference$/);
});

test('a better provider is not reported as a worse one', async () => {
  const session = sessionUnderTest(replies(10));
  expect(await compareProviders(session, { a: 'Busy', b: 'Answers', last: 10 })).toBe(0);
  expect(session.printed[4]).toMatch(/significantly better$/);
});

test('only the last N calls count', async () => {
  const session = sessionUnderTest({
    ...replies(10),
    [`GET /providercalls?page_size=3&provider_id=${IDS.provider}`]: page({
      ...RECORD,
      call_ids: callIds('a', 10),
    }),
    [`GET /providercalls?page_size=3&provider_id=${IDS.busy}`]: page(),
  });
  await compareProviders(session, { a: 'Answers', b: 'Busy', last: 3, json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    a: { name: 'Answers', statistics: { attempts: 3 } },
    b: { name: 'Busy', statistics: { attempts: 0 } },
    comparisons: [{ name: 'answered (ASR)', isWorse: false }, { isWorse: false }],
  });
});
