import { expect, test } from 'vitest';
import { checkRunId, keyOf, newRunId, parsePlan, plannedCalls, requestFor } from '../../src/verify/plan.ts';

const STEP = { provider: 'Busy', destination: '+821012345678', expect: { outcome: 'busy' } };
function text(changes: object = {}) {
  return JSON.stringify({ maxCalls: 10, calls: [STEP], ...changes });
}

test('a plan is read with its defaults', () => {
  expect(parsePlan(text(), 'plan.json')).toEqual({
    maxCalls: 10,
    callsPerSecond: 1,
    maxTalkSeconds: 5,
    maxRingSeconds: 30,
    calls: [{ ...STEP, count: 1 }],
  });
});

test.each([
  ['{', /^plan\.json is not JSON: /],
  ['[]', 'plan.json: the plan must be object'],
  [text({ calls: [] }), 'plan.json: calls must NOT have fewer than 1 items'],
  [text({ maxCalls: 0 }), 'plan.json: maxCalls must be >= 1'],
  [text({ callsPerSecond: 6 }), 'plan.json: callsPerSecond must be <= 5'],
  [text({ callsPerSecond: 0 }), 'plan.json: callsPerSecond must be >= 0.001'],
  // The pause between two calls would be longer than the longest timer, which fires at once.
  [text({ callsPerSecond: 1e-7 }), 'plan.json: callsPerSecond must be >= 0.001'],
  [text({ maxcalls: 5 }), 'plan.json: the plan has an unknown field "maxcalls"'],
  [
    text({ calls: [{ ...STEP, expect: {} }] }),
    'plan.json: calls.0.expect must NOT have fewer than 1 properties',
  ],
  [
    text({ calls: [{ ...STEP, expect: { sipStatus: 180 } }] }),
    'plan.json: calls.0.expect.sipStatus must be >= 200',
  ],
  [
    text({ calls: [{ ...STEP, expect: { outcome: 'ok' } }] }),
    /^plan\.json: calls\.0\.expect\.outcome must be one of answered, busy, /,
  ],
  [text({ calls: [{ ...STEP, count: 1.5 }] }), 'plan.json: calls.0.count must be integer'],
  [text({ calls: [{ ...STEP, count: 11 }] }), 'plan.json asks for 11 calls, but maxCalls allows 10'],
])('the plan %s is a usage error', (plan, message) => {
  expect(() => parsePlan(plan, 'plan.json')).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    }),
  );
});

test('calls are numbered over the whole plan', () => {
  const plan = parsePlan(
    text({
      calls: [
        { ...STEP, count: 2 },
        { ...STEP, provider: 'Answers' },
      ],
    }),
    'plan.json',
  );
  expect(plannedCalls(plan)).toEqual([
    { ...STEP, index: 0 },
    { ...STEP, index: 1 },
    { ...STEP, provider: 'Answers', index: 2 },
  ]);
});

test('a request contains what the plan says', () => {
  const plan = parsePlan(text({ source: '+14155551234', anonymous: 'no', say: 'Hello.' }), 'plan.json');
  expect(requestFor(plan, { ...STEP, index: 0 }, 'p-1')).toEqual({
    provider_id: 'p-1',
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
    anonymous: 'no',
    actions: [
      { type: 'answer' },
      { type: 'talk', option: { text: 'Hello.', language: 'en-US' } },
      { type: 'hangup' },
    ],
  });
});

test('keys differ by plan, run and index, and by nothing else', () => {
  const [plan, other] = [parsePlan(text(), 'a'), parsePlan(text({ maxCalls: 11 }), 'a')];
  const run = newRunId(plan);
  const keys = [
    keyOf(plan, run, 0),
    keyOf(plan, run, 1),
    keyOf(plan, newRunId(plan), 0),
    keyOf(other, run, 0),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(keyOf(parsePlan(`\n${text()}`, 'b'), run, 0)).toBe(keys[0]);
  expect(keys[0]).toMatch(/^verify-[0-9a-f]{40}$/);
});

test('a run is continued only with its own plan', () => {
  const [plan, other] = [parsePlan(text(), 'a'), parsePlan(text({ maxCalls: 11 }), 'a')];
  const run = newRunId(plan);
  checkRunId(plan, run);
  expect(() => checkRunId(other, run)).toThrow(
    `the plan differs from that of run ${run}: resume with the original plan, or start a new run`,
  );
  expect(() => checkRunId(plan, 'yesterday')).toThrow(
    '--resume takes a run id that verify has printed, not "yesterday"',
  );
});
