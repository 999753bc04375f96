import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type VerifyInput, verifyPlan } from '../../src/commands/verify.ts';
import {
  ANSWERED,
  BUSY_CALL,
  BUSY_PROVIDER,
  IDS,
  page,
  RECORD,
  sessionUnderTest,
} from '../session-under-test.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-verify-'));
});
afterEach(() => rm(folder, { recursive: true }));

const PLAN = {
  maxCalls: 5,
  callsPerSecond: 5,
  source: '+14155551234',
  calls: [{ provider: 'Busy', destination: '+821012345678', count: 1, expect: { outcome: 'busy' } }],
};

async function verifying(
  input: Partial<VerifyInput> = {},
  {
    call = BUSY_CALL,
    content = PLAN,
    providers = [BUSY_PROVIDER],
  }: { call?: object; content?: object; providers?: { id: string }[] } = {},
) {
  await writeFile(join(folder, 'plan.json'), JSON.stringify(content));
  const session = sessionUnderTest({
    'GET /providers': page(...providers),
    ...Object.fromEntries(providers.map((provider) => [`GET /providers/${provider.id}`, provider])),
    'POST /providercalls': RECORD,
    [`GET /calls/${IDS.call}`]: call,
  });
  const outcome = await verifyPlan(session, { plan: join(folder, 'plan.json'), yes: true, ...input }).catch(
    (error: unknown) => error,
  );
  return { outcome, session };
}

test('a plan whose calls are as expected ends with 0 and a table', async () => {
  const { outcome, session } = await verifying();
  expect(outcome).toBe(0);
  expect(session.printed).toEqual([
    'Busy\t1/1, 21 to 100 %\t1\t0/1, 0 to 79 %\t1/1, 21 to 100 %\t-\t-\t-\t-',
  ]);
  expect(session.notes).toEqual([
    'placing 1 real, billed call through 1 provider, 5 per second',
    expect.stringMatching(
      /^run [0-9a-f]{12}-[0-9a-f]{8}; if it is interrupted: providercall verify .*plan\.json --yes --resume /,
    ),
    '1/1 Busy +821012345678: as expected',
  ]);
});

test('a plan is not placed without --yes, and the error says how many calls it has', async () => {
  const { outcome, session } = await verifying(
    { yes: false },
    { content: { ...PLAN, calls: [{ ...PLAN.calls[0], count: 5 }] } },
  );
  expect(outcome).toMatchObject({
    exitCode: 2,
    message:
      'this plan places 5 real, billed calls through 1 provider, 5 per second: add --yes to place them',
  });
  expect(session.requests).toEqual(['GET /providers']);
});

test('a call that is not as expected ends with 1 and is named', async () => {
  const { outcome, session } = await verifying({}, { call: ANSWERED });
  expect(outcome).toBe(1);
  expect(session.printed[1]).toBe(
    `call 1, Busy +821012345678: answered instead of busy (record ${IDS.record})`,
  );
});

test('reports go to the files that were named, and to no other', async () => {
  const file = (name: string) => join(folder, name);
  await verifying({ jsonFile: file('r.json'), csvFile: file('r.csv'), junitFile: file('r.xml') });
  expect((await readdir(folder)).sort()).toEqual(['plan.json', 'r.csv', 'r.json', 'r.xml']);
  expect(JSON.parse(await readFile(file('r.json'), 'utf8'))).toMatchObject({
    calls: [{ as_expected: true }],
  });
  expect(await readFile(file('r.csv'), 'utf8')).toMatch(/^index,/);
  expect(await readFile(file('r.xml'), 'utf8')).toMatch(/^<\?xml/);
});

test('a provider that became significantly worse than the baseline ends with 1', async () => {
  const proportion = { successes: 60, total: 60 };
  const baseline = {
    providers: [{ id: IDS.busy, name: 'Busy', asExpected: proportion, statistics: { ner: proportion } }],
  };
  await writeFile(join(folder, 'baseline.json'), JSON.stringify(baseline));
  const { outcome, session } = await verifying(
    { baseline: join(folder, 'baseline.json') },
    { call: ANSWERED },
  );
  expect(outcome).toBe(1);
  expect(session.printed.at(-2)).toMatch(
    /^Busy against the baseline, as expected: -100 .* significantly worse$/,
  );
});

test('providers that share a name are told apart in the comparison with the baseline', async () => {
  const few = { successes: 0, total: 60 };
  const many = { successes: 60, total: 60 };
  const other = { ...BUSY_PROVIDER, id: 'b0000000-0000-4000-8000-000000000002' };
  const file = join(folder, 'baseline.json');
  const providers = [
    { id: IDS.busy, name: 'Busy', asExpected: many, statistics: { ner: many } },
    { id: other.id, name: 'Busy', asExpected: few, statistics: { ner: few } },
  ];
  await writeFile(file, JSON.stringify({ providers }));
  const [step] = PLAN.calls;
  const calls = [IDS.busy, other.id].map((provider) => ({ ...step, provider }));
  const { outcome, session } = await verifying(
    { baseline: file },
    { call: ANSWERED, content: { ...PLAN, calls }, providers: [BUSY_PROVIDER, other] },
  );
  expect(outcome).toBe(1);
  expect(session.printed.filter((line) => line.includes('against the baseline, as expected'))).toEqual([
    expect.stringMatching(`^Busy \\(${IDS.busy}\\) .* significantly worse$`),
    expect.stringMatching(`^Busy \\(${other.id}\\) .* no significant difference$`),
  ]);
});

test('a provider that the baseline does not have is named', async () => {
  await writeFile(join(folder, 'baseline.json'), '{"providers":[]}');
  const { outcome, session } = await verifying({ baseline: join(folder, 'baseline.json') });
  expect(outcome).toBe(0);
  expect(session.notes.at(-1)).toBe('Busy is not in the baseline: nothing to compare it with');
});

test('with --json, the report is one JSON document', async () => {
  const { session } = await verifying({ json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({ open: 0, calls: [{ outcome: 'busy' }] });
});

test('each warning about a plan is printed once', async () => {
  const content = { ...PLAN, source: '4155551234', calls: [{ ...PLAN.calls[0], count: 3 }] };
  const { session } = await verifying({ yes: false }, { content });
  expect(session.notes).toEqual(['warning: "4155551234" is not E.164: it does not begin with +.']);
});

test.each([
  ['a run of another plan', { resume: '000000000000-00000000' }, /^the plan differs from that of run/],
  ['a baseline that is not JSON', { baseline: '/dev/null' }, /^\/dev\/null is not JSON/],
  [
    'a baseline that is not a report',
    { baseline: fileURLToPath(new URL('../../package.json', import.meta.url)) },
    /package\.json is not a report that --json-file wrote$/,
  ],
  [
    'a file that cannot be written',
    { jsonFile: '/nowhere/r.json' },
    /^\/nowhere\/r\.json cannot be written \(ENOENT\)$/,
  ],
])('%s is a usage error, and nothing is placed', async (_, input, message) => {
  const { outcome, session } = await verifying(input);
  expect(outcome).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  expect(session.requests.filter((line) => line.startsWith('POST'))).toEqual([]);
});
