import { statSync } from 'node:fs';
import * as z from 'zod/mini';
import { assemblyOf, earlierCommit } from './earlier-commit.ts';
import {
  authorizeEvent,
  createEvent,
  deleteEvent,
  getEvent,
  listEvent,
  SCHEDULE_EVENT,
  withToken,
} from './events.ts';
import { defaultBundle, documentClientBundle, floorBundle } from './fixture-bundles.ts';
import { MAX_AUTHORIZE_RATIO, MAX_COLD_RATIOS, MAX_SAMPLE_RATIO } from './limits.ts';
import { admitted, DIRECTORY, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { checkLimits, judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import {
  expressEnvironment,
  FUNCTION_NAMES,
  type FunctionName,
  PEER_TABLE,
  peerEnvironment,
  startTestbed,
} from './testbed.ts';

/*
 * Cold starts: fresh processes, one after another, load the bundle of the synthesized template and serve one request.
 * Functions and peers are measured alternately and compared round by round. `--before COMMIT` measures that commit's
 * functions in the same rounds.
 */

const SECONDS = option('seconds', 130);

const before = earlierCommit();
const testbed = await startTestbed('scripted');
const earlier = before === undefined ? undefined : testbed.functionsOf(assemblyOf(before));
await testbed.createTable(PEER_TABLE);
for (const name of [testbed.table, PEER_TABLE]) {
  await putRecords(testbed.dynamodb, name, [1, 2, 3, 4, 5].map(recordOf).values());
}

const record = recordOf(1).id;
const events: Record<FunctionName, unknown> = {
  Authorize: authorizeEvent(testbed.token),
  Create: createEvent(),
  Get: getEvent(record),
  List: listEvent(),
  // A separate record for each round, below.
  Delete: undefined,
  Reconcile: SCHEDULE_EVENT,
};

const responses: Record<FunctionName, Subject['response']> = {
  Authorize: admitted,
  Create: succeeded,
  Get: succeeded,
  List: succeeded,
  Delete: succeeded,
  Reconcile: z.unknown(),
};

/** The names of a function's peers. */
function floorKey(name: FunctionName) {
  return `floor ${name}`;
}
function sampleKey(name: FunctionName) {
  return `sample ${name}`;
}
function beforeKey(name: FunctionName) {
  return `before ${name}`;
}
const PLAIN_KEYS = {
  all: 'document client only',
  environment: 'the same with our cut of the SDK',
} as const;
/** One function for all routes and the token. */
const EXPRESS_GET = 'Express, get';
const EXPRESS_CREATE = 'Express, create';

const subjects: Record<string, Subject> = {};
for (const name of FUNCTION_NAMES) {
  const common = { events: [events[name]], response: responses[name] };
  subjects[name] = {
    ...common,
    bundle: testbed.bundleOf(name),
    environment: testbed.environmentOf(name),
  };
  subjects[floorKey(name)] = {
    ...common,
    bundle: await floorBundle(DIRECTORY, name.toLowerCase()),
    environment: testbed.environmentOf(name),
  };
  if (earlier !== undefined) {
    subjects[beforeKey(name)] = {
      ...common,
      bundle: earlier.bundleOf(name),
      environment: earlier.environmentOf(name),
    };
  }
  subjects[sampleKey(name)] = {
    ...common,
    bundle: await defaultBundle(DIRECTORY, `sample/${name.toLowerCase()}`),
    environment: peerEnvironment(testbed, name),
  };
}

for (const credentials of ['environment', 'all'] as const) {
  subjects[PLAIN_KEYS[credentials]] = {
    events: [events.Get],
    response: succeeded,
    bundle: await documentClientBundle(DIRECTORY, credentials),
    environment: testbed.environmentOf('Get'),
  };
}

const expressBundle = await defaultBundle(DIRECTORY, 'express-app');
for (const [name, event] of [
  [EXPRESS_GET, getEvent(record)],
  [EXPRESS_CREATE, createEvent()],
] as const) {
  subjects[name] = {
    events: [withToken(event, testbed.token)],
    response: succeeded,
    bundle: expressBundle,
    environment: expressEnvironment(testbed),
  };
}

let nextToDelete = 6;
/** Returns the subjects with a new record for each deletion. */
async function subjectsOf(): Promise<Record<string, Subject>> {
  const deletions = Object.entries(subjects).filter(([name]) => name.endsWith('Delete'));
  const changed: Record<string, Subject> = {};
  for (const [name, subject] of deletions) {
    const deleted = recordOf(nextToDelete);
    nextToDelete += 1;
    for (const tableName of [testbed.table, PEER_TABLE]) {
      await putRecords(testbed.dynamodb, tableName, [deleted].values());
    }
    changed[name] = { ...subject, events: [deleteEvent(deleted.id)] };
  }
  return { ...subjects, ...changed };
}

const results = await measureInTurn(subjectsOf, SECONDS);
await testbed.close();

function measuredOf(name: string): Measured[] {
  return results.get(name) ?? [];
}

function initOf(name: string) {
  return measuredOf(name).map(({ init }) => init);
}

function cpuOf(name: string) {
  return measuredOf(name).map(({ initCpu }) => initCpu);
}

function allOf(name: string) {
  return measuredOf(name).map(({ init, first }) => init + first);
}

/** Returns init plus first request of two functions that a single request starts one after the other. */
function bothOf(first: string, second: string): number[] {
  const seconds = allOf(second);
  return allOf(first).map((milliseconds, round) => milliseconds + (seconds[round] ?? Number.NaN));
}

function kilobytes(name: string) {
  const subject = subjects[name];
  return subject === undefined ? '' : String(Math.round(statSync(subject.bundle).size / 1_000));
}

const PLAIN = PLAIN_KEYS.all;
const toFloor = FUNCTION_NAMES.map((name) => [
  name.toLowerCase(),
  kilobytes(name),
  spread(summarize(initOf(name)), 1),
  ...judged(
    `${name} init ÷ floor`,
    ratiosOf(initOf(name), initOf(floorKey(name))),
    MAX_COLD_RATIOS[name].init,
  ),
  spread(ratiosOf(cpuOf(name), cpuOf(floorKey(name)))),
  spread(summarize(allOf(name)), 1),
  ...judged(
    `${name} init + first ÷ floor`,
    ratiosOf(allOf(name), allOf(floorKey(name))),
    MAX_COLD_RATIOS[name].all,
  ),
]);

const toPeers = FUNCTION_NAMES.map((name) => [
  name.toLowerCase(),
  ...(name === 'Authorize'
    ? judged('authorize ÷ document client', ratiosOf(initOf(name), initOf(PLAIN)), MAX_AUTHORIZE_RATIO)
    : [spread(ratiosOf(initOf(name), initOf(PLAIN))), '']),
  ...judged(`${name} ÷ the sample's way`, ratiosOf(allOf(name), allOf(sampleKey(name))), MAX_SAMPLE_RATIO),
]);

const path = bothOf('Authorize', 'Create');
const paths = {
  'authorize and create': path,
  'their floors': bothOf(floorKey('Authorize'), floorKey('Create')),
  'Express: one function': allOf(EXPRESS_CREATE),
  "the sample's way: two functions": bothOf(sampleKey('Authorize'), sampleKey('Create')),
};

const peers = [
  ...Object.values(PLAIN_KEYS),
  ...FUNCTION_NAMES.map(floorKey),
  ...FUNCTION_NAMES.map(sampleKey),
  EXPRESS_GET,
  EXPRESS_CREATE,
].map((name) => [
  name,
  kilobytes(name),
  spread(summarize(initOf(name)), 1),
  spread(summarize(allOf(name)), 1),
]);

const rounds = `${path.length} fresh processes each, in turn; medians with quartiles; milliseconds. The ratios are of the same round.`;
report(
  'bench:cold',
  [
    rounds,
    table(
      [
        'function',
        'KB',
        'init',
        'init ÷ floor',
        'limit',
        'by processor time',
        'init + first request',
        '÷ floor',
        'limit',
      ],
      toFloor,
    ),
    table(
      [
        'function',
        'init ÷ document client only',
        'limit',
        "init + first request ÷ the sample's way",
        'limit',
      ],
      toPeers,
    ),
    table(
      ['the first request of a client, a create', 'init + first request', 'authorize and create ÷ this'],
      Object.entries(paths).map(([name, all]) => [
        name,
        spread(summarize(all), 1),
        spread(ratiosOf(path, all)),
      ]),
    ),
    table(['peer', 'KB', 'init', 'init + first request'], peers),
  ].join('\n\n'),
);

if (before !== undefined) {
  report(
    'bench:cold',
    [
      `Before: commit ${before}, with today's dependencies. ${rounds}`,
      table(
        [
          'function',
          'init before',
          'after',
          'after ÷ before',
          'init + first before',
          'after',
          'after ÷ before',
        ],
        FUNCTION_NAMES.map((name) => [
          name.toLowerCase(),
          ...[initOf, allOf].flatMap((of) => [
            spread(summarize(of(beforeKey(name))), 1),
            spread(summarize(of(name)), 1),
            spread(ratiosOf(of(name), of(beforeKey(name)))),
          ]),
        ]),
      ),
    ].join('\n\n'),
    'cold-before',
  );
}
checkLimits();
