import { analyzeCall } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { readCall } from '../../../client/src/platform-resources.ts';
import type { Plan } from '../../src/verify/plan.ts';
import {
  compareWithBaseline,
  parseBaseline,
  reportOfRun,
  type VerifyReport,
  verifyCsv,
  verifyJunit,
} from '../../src/verify/report.ts';
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
    evidence: { call, messages: undefined, isRead: true, analysis: analyzeCall(call) },
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

function baselineText(...providers: [id: string, name: string, good: number][]) {
  const of = (good: number) => ({ successes: good, total: 20 });
  return JSON.stringify({
    providers: providers.map(([id, name, good]) => ({
      id,
      name,
      asExpected: of(good),
      statistics: { ner: of(good) },
    })),
  });
}

/** The report on 20 calls through each provider, none of which is as expected. */
function bad(...providers: [id: string, name: string][]) {
  const results = providers.flatMap(([providerId, providerName]) =>
    Array.from({ length: 20 }, (_, index) => ({ ...result(index, 'x'), providerId, providerName })),
  );
  return reportOfRun(PLAN, 'run-1', results, 0);
}

/** The ids of the compared providers, and which of them became worse. */
function compared(report: VerifyReport, baseline: string) {
  const comparisons = compareWithBaseline(report, parseBaseline(baseline, 'b.json'));
  return [...comparisons].map(([id, [asExpected]]) => `${id} ${asExpected?.isWorse ? 'worse' : 'not worse'}`);
}

test('a baseline finds the provider that became significantly worse', () => {
  const baseline = parseBaseline(baselineText([IDS.busy, 'other name', 20]), 'b.json');
  const comparisons = compareWithBaseline(bad([IDS.busy, 'Busy']), baseline);
  expect(comparisons.get(IDS.busy)).toMatchObject([
    { name: 'as expected', isWorse: true },
    { name: 'reached the network (NER)', isWorse: false },
  ]);
});

test.each<[string, [string, string][], [string, string, number][], string[]]>([
  ['has one name', [['new', 'A']], [['old', 'A', 20]], ['new worse']],
  ['has another name', [['new', 'A']], [['old', 'B', 20]], []],
  ['has no name', [['new', '']], [['old', '', 20]], []],
  [
    'shares its name now',
    [
      ['new', 'A'],
      ['second', 'A'],
    ],
    [['old', 'A', 20]],
    [],
  ],
  [
    'shared its name before',
    [['new', 'A']],
    [
      ['old', 'A', 20],
      ['older', 'A', 20],
    ],
    [],
  ],
  [
    'had the name of one with another id',
    [
      ['new', 'A'],
      ['old', 'B'],
    ],
    [['old', 'A', 20]],
    ['old worse'],
  ],
])(
  'a provider with a new id that %s is compared as far as its name is unique',
  (_, now, before, expected) => {
    expect(compared(bad(...now), baselineText(...before))).toEqual(expected);
  },
);

test.each(['Same', ''])('each of the providers with the name "%s" is compared with itself', (name) => {
  const now = bad(['a', name], ['b', name]);
  expect(compared(now, baselineText(['a', name, 20], ['b', name, 0]))).toEqual(['a worse', 'b not worse']);
  expect(compared(now, baselineText(['a', name, 0], ['b', name, 20]))).toEqual(['a not worse', 'b worse']);
});

test('a run that is as bad as its baseline is not worse', () => {
  expect(compared(bad([IDS.busy, 'Busy']), baselineText([IDS.busy, 'x', 1]))).toEqual([
    `${IDS.busy} not worse`,
  ]);
});

test.each(['null', '[]', '{}', '{"providers":[1]}', baselineText([IDS.busy, 'x', 21])])(
  'the baseline %s is a usage error',
  (text) => {
    expect(() => parseBaseline(text, 'b.json')).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: 'b.json is not a report that --json-file wrote',
      }),
    );
  },
);

test('a report that was written as JSON can be read as a baseline', () => {
  expect(compared(report, JSON.stringify(report))).toEqual([`${IDS.busy} not worse`]);
});
