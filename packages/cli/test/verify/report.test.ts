import { analyzeCall } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { readCall } from '../../../client/src/platform-resources.ts';
import type { Plan } from '../../src/verify/plan.ts';
import { compareWithBaseline, reportOfRun, verifyCsv, verifyJunit } from '../../src/verify/report.ts';
import type { CallResult } from '../../src/verify/run.ts';
import { BUSY_CALL, IDS } from '../session-under-test.ts';

const PLAN: Plan = {
  name: 'A & B',
  maxCalls: 9,
  callsPerSecond: 1,
  maxTalkSeconds: 1,
  maxRingSeconds: 2,
  calls: [],
};

function result(index: number, deviation?: string): CallResult {
  const call = readCall(BUSY_CALL);
  if (call === undefined) throw new Error('no call');
  return {
    index,
    provider: 'Busy',
    destination: '+821012345678',
    expect: { outcome: 'busy' },
    providerId: IDS.busy,
    providerName: 'Busy <1>',
    recordId: IDS.record,
    evidence: { call, messages: undefined, analysis: analyzeCall(call) },
    ...(deviation !== undefined && { deviation }),
  };
}

const report = reportOfRun(PLAN, 'run-1', [result(0), result(1, 'busy instead of "answered"')], 3);

test('the report counts, per provider, what was as expected', () => {
  expect(report).toMatchObject({
    plan: 'A & B',
    run: 'run-1',
    open: 3,
    providers: [
      { id: IDS.busy, name: 'Busy <1>', asExpected: { successes: 1, total: 2 }, statistics: { attempts: 2 } },
    ],
    calls: [
      { index: 0, as_expected: true, outcome: 'busy', record_id: IDS.record, call_id: IDS.call },
      { index: 1, as_expected: false, deviation: 'busy instead of "answered"' },
    ],
  });
});

test('CSV has a line for each call', () => {
  expect(verifyCsv(report).split('\r\n')).toEqual([
    'index,provider_id,provider,destination,expected,as_expected,deviation,outcome,sip_status,post_dial_delay_ms,ring_ms,talk_ms,record_id,call_id',
    `0,${IDS.busy},Busy <1>,+821012345678,busy,true,,busy,,,,,${IDS.record},${IDS.call}`,
    `1,${IDS.busy},Busy <1>,+821012345678,busy,false,"busy instead of ""answered""",busy,,,,,${IDS.record},${IDS.call}`,
    '',
  ]);
});

test('JUnit has a suite for each provider and a test case for each call', () => {
  const verdict = report.calls[1]?.analysis?.verdict;
  expect(verifyJunit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="A &amp; B run-1" tests="2" failures="1">
  <testsuite name="Busy &lt;1&gt;" tests="2" failures="1" errors="0">
    <testcase classname="Busy &lt;1&gt;" name="1: +821012345678 is busy"/>
    <testcase classname="Busy &lt;1&gt;" name="2: +821012345678 is busy">
      <failure message="busy instead of &quot;answered&quot;">${verdict}</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test.each([
  [{ outcome: 'no_answer' }, 'no answer'],
  [{ outcome: 'rejected', sipStatus: 403 }, 'rejected, SIP 403'],
  [{ maxPostDialDelayMs: 1500 }, 'ringing within 1.5 s'],
])('the expectation %j reads "%s" in JUnit', (expectation, text) => {
  const calls = report.calls.slice(0, 1).map((call) => ({ ...call, expect: expectation }));
  expect(verifyJunit({ ...report, calls })).toContain(`name="1: +821012345678 is ${text}"`);
});

function baseline(id: string, name: string, good: number, total: number) {
  return {
    providers: [
      { id, name, asExpected: { successes: good, total }, statistics: { ner: { successes: good, total } } },
    ],
  };
}
const many = reportOfRun(
  PLAN,
  'run-1',
  Array.from({ length: 20 }, (_, index) => result(index, 'x')),
  0,
);

test('a baseline finds the provider that became significantly worse', () => {
  expect(
    compareWithBaseline(many, baseline(IDS.busy, 'other name', 20, 20), 'b.json').get('Busy <1>'),
  ).toMatchObject([
    { name: 'as expected', isWorse: true },
    { name: 'reached the network (NER)', isWorse: false },
  ]);
});

test('a baseline names a provider by its name if the id is new', () => {
  expect(compareWithBaseline(many, baseline('new', 'Busy <1>', 20, 20), 'b.json').size).toBe(1);
  expect(compareWithBaseline(many, baseline('new', 'Acme', 20, 20), 'b.json').size).toBe(0);
});

test('a run that is as bad as its baseline is not worse', () => {
  const [asExpected] =
    compareWithBaseline(many, baseline(IDS.busy, 'x', 1, 20), 'b.json').get('Busy <1>') ?? [];
  expect(asExpected?.isWorse).toBe(false);
});

test.each([[null], [[]], [{}], [{ providers: [1] }], [baseline(IDS.busy, 'x', 3, 2)]])(
  'the baseline %j is a usage error',
  (value) => {
    expect(() => compareWithBaseline(many, value, 'b.json')).toThrow(
      'b.json is not a report that --json-file wrote',
    );
  },
);

test('a report that was written as JSON can be read as a baseline', () => {
  expect(
    compareWithBaseline(report, JSON.parse(JSON.stringify(report)), 'b.json').get('Busy <1>')?.[0]?.isWorse,
  ).toBe(false);
});
