import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import {
  authorizeEvent,
  createEvent,
  deleteEvent,
  getEvent,
  listEvent,
  SCHEDULE_EVENT,
  withToken,
} from './events.ts';
import { defaultBundle, documentClientBundle } from './fixture-bundles.ts';
import { admitted, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import {
  expressEnvironment,
  FUNCTION_NAMES,
  type FunctionName,
  PEER_TABLE,
  peerEnvironment,
  startSurroundings,
} from './surroundings.ts';

/*
 * Cold starts: fresh processes, one after another, load the bundle of the synthesized template and serve one request.
 * Functions and peers are measured in turn and compared round by round.
 */

const ROUNDS = option('rounds', 25);

/** The limits of each init, as multiples of a handler that has only the document client. */
const MAX_INIT_RATIOS: Record<FunctionName, number> = {
  Authorize: 0.4,
  Create: 1.3,
  Get: 1.15,
  List: 1.15,
  Delete: 1.15,
  Reconcile: 1.3,
};
/** The limit of init and first request, as a multiple of the same function written like the AWS sample. */
const MAX_SAMPLE_RATIO = 0.6;

const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

const surroundings = await startSurroundings();
await surroundings.createTable(PEER_TABLE);
for (const name of [surroundings.table, PEER_TABLE]) {
  await putRecords(surroundings.dynamodb, name, [1, 2, 3, 4, 5].map(recordOf).values());
}

const record = recordOf(1).id;
const events: Record<FunctionName, unknown> = {
  Authorize: authorizeEvent(surroundings.token),
  Create: createEvent(),
  Get: getEvent(record),
  List: listEvent(),
  Delete: deleteEvent(recordOf(2).id),
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

const PLAIN_KEYS = {
  all: 'document client only',
  environment: 'the same with our cut of the SDK',
} as const;
/** One function for all routes and the token. */
const EXPRESS = 'Express, get';
function sampleKey(name: FunctionName) {
  return `sample ${name}`;
}

const subjects: Record<string, Subject> = {};
for (const name of FUNCTION_NAMES) {
  const common = { events: [events[name]], response: responses[name] };
  subjects[name] = {
    ...common,
    bundle: surroundings.bundleOf(name),
    environment: surroundings.environmentOf(name),
  };
  subjects[sampleKey(name)] = {
    ...common,
    bundle: await defaultBundle(directory, `sample/${name.toLowerCase()}`),
    environment: peerEnvironment(surroundings, name),
  };
}

for (const credentials of ['environment', 'all'] as const) {
  subjects[PLAIN_KEYS[credentials]] = {
    events: [events.Get],
    response: succeeded,
    bundle: await documentClientBundle(directory, credentials),
    environment: surroundings.environmentOf('Get'),
  };
}

subjects[EXPRESS] = {
  events: [withToken(getEvent(record), surroundings.token)],
  response: succeeded,
  bundle: await defaultBundle(directory, 'express-app'),
  environment: expressEnvironment(surroundings),
};

const results = await measureInTurn(() => subjects, ROUNDS);
await surroundings.close();

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

function kilobytes(name: string) {
  const subject = subjects[name];
  return subject === undefined ? '' : String(Math.round(statSync(subject.bundle).size / 1_000));
}

const PLAIN = PLAIN_KEYS.all;
const rows = FUNCTION_NAMES.map((name) => [
  name.toLowerCase(),
  kilobytes(name),
  spread(summarize(initOf(name)), 1),
  ...judged(ratiosOf(initOf(name), initOf(PLAIN)), MAX_INIT_RATIOS[name]),
  spread(ratiosOf(cpuOf(name), cpuOf(PLAIN))),
  spread(ratiosOf(initOf(name), initOf(PLAIN_KEYS.environment))),
  spread(summarize(allOf(name)), 1),
  ...judged(ratiosOf(allOf(name), allOf(sampleKey(name))), MAX_SAMPLE_RATIO),
]);
const peers = [PLAIN_KEYS.all, PLAIN_KEYS.environment, ...FUNCTION_NAMES.map(sampleKey), EXPRESS].map(
  (name) => [name, kilobytes(name), spread(summarize(initOf(name)), 1), spread(summarize(allOf(name)), 1)],
);

report(
  'bench:cold',
  [
    `${ROUNDS} fresh processes each, in turn; medians with quartiles; milliseconds. The ratios are of the same round.`,
    table(
      [
        'function',
        'KB',
        'init',
        'init ÷ document client only',
        'bound',
        'by processor time',
        'init ÷ the same with our cut of the SDK',
        'init + first request',
        "÷ the sample's way",
        'bound',
      ],
      rows,
    ),
    table(['peer', 'KB', 'init', 'init + first request'], peers),
  ].join('\n\n'),
);
