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
  scheduleEvent,
  withToken,
} from './events.ts';
import { defaultBundle, documentClientBundle } from './fixture-bundles.ts';
import { admitted, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import {
  expressEnvironment,
  type FunctionName,
  functionNames,
  peerEnvironment,
  peerTable,
  startSurroundings,
} from './surroundings.ts';

/*
 * Cold starts: fresh processes, one after another, that load the bundle of the synthesized template and serve one
 * request. Each is measured in turn with its peers, and compared with them round by round.
 */

const rounds = option('rounds', 25);

/** The most that the init of each may take, as a multiple of a handler that has only the document client. */
const initBounds: Record<FunctionName, number> = {
  Authorize: 0.4,
  Create: 1.3,
  Get: 1.15,
  List: 1.15,
  Delete: 1.15,
  Reconcile: 1.3,
};
/** The most that init and first request of each may take, as a multiple of the same function in the sample's way. */
const SAMPLE_BOUND = 0.6;

const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

const surroundings = await startSurroundings();
await surroundings.createTable(peerTable);
for (const name of [surroundings.table, peerTable]) {
  await putRecords(surroundings.dynamodb, name, [1, 2, 3, 4, 5].map(recordOf).values());
}
const record = recordOf(1).id;
const events: Record<FunctionName, unknown> = {
  Authorize: authorizeEvent(surroundings.token),
  Create: createEvent(),
  Get: getEvent(record),
  List: listEvent(),
  Delete: deleteEvent(recordOf(2).id),
  Reconcile: scheduleEvent,
};

const answers: Record<FunctionName, Subject['answer']> = {
  Authorize: admitted,
  Create: succeeded,
  Get: succeeded,
  List: succeeded,
  Delete: succeeded,
  Reconcile: z.unknown(),
};

const plainKeys = {
  all: 'document client only',
  environment: 'the same with our cut of the SDK',
} as const;
/** One function for all routes and the token. */
const EXPRESS = 'Express, get';
const sampleKey = (name: FunctionName) => `sample ${name}`;

const subjects: Record<string, Subject> = {};
for (const name of functionNames) {
  const common = { events: [events[name]], answer: answers[name] };
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
  subjects[plainKeys[credentials]] = {
    events: [events.Get],
    answer: succeeded,
    bundle: await documentClientBundle(directory, credentials),
    environment: surroundings.environmentOf('Get'),
  };
}

subjects[EXPRESS] = {
  events: [withToken(getEvent(record), surroundings.token)],
  answer: succeeded,
  bundle: await defaultBundle(directory, 'express-app'),
  environment: expressEnvironment(surroundings),
};

const results = await measureInTurn(() => subjects, rounds);
await surroundings.close();

const measuredOf = (name: string): Measured[] => results.get(name) ?? [];
const initOf = (name: string) => measuredOf(name).map(({ init }) => init);
const cpuOf = (name: string) => measuredOf(name).map(({ initCpu }) => initCpu);
const allOf = (name: string) => measuredOf(name).map(({ init, first }) => init + first);
const kilobytes = (name: string) => {
  const subject = subjects[name];
  return subject === undefined ? '' : String(Math.round(statSync(subject.bundle).size / 1_000));
};

const plain = plainKeys.all;
const rows = functionNames.map((name) => [
  name.toLowerCase(),
  kilobytes(name),
  spread(summarize(initOf(name)), 1),
  ...judged(ratiosOf(initOf(name), initOf(plain)), initBounds[name]),
  spread(ratiosOf(cpuOf(name), cpuOf(plain))),
  spread(ratiosOf(initOf(name), initOf(plainKeys.environment))),
  spread(summarize(allOf(name)), 1),
  ...judged(ratiosOf(allOf(name), allOf(sampleKey(name))), SAMPLE_BOUND),
]);
const peers = [plainKeys.all, plainKeys.environment, ...functionNames.map(sampleKey), EXPRESS].map((name) => [
  name,
  kilobytes(name),
  spread(summarize(initOf(name)), 1),
  spread(summarize(allOf(name)), 1),
]);

report(
  'bench:cold',
  [
    `${rounds} fresh processes each, in turn; medians with quartiles; milliseconds. The ratios are of the same round.`,
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
