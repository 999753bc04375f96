import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  authorizeEvent,
  createEvent,
  deleteEvent,
  getEvent,
  INLINE_ACTIONS,
  listEvent,
  withToken,
} from './events.ts';
import { defaultBundle } from './fixture-bundles.ts';
import { admitted, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { digits, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import { expressEnvironment, type FunctionName, PEER_TABLE, startSurroundings } from './surroundings.ts';

/*
 * The processor time that a warm function takes for a request, without its waits for DynamoDB and the backends, which run
 * in another process; and its memory afterwards.
 */

const ROUNDS = option('rounds', 20);
const REQUESTS = option('requests', 100);
/** Requests that are not measured, so that V8 has compiled the code. */
const WARM_UP = 300;
const PAGE = 100;
const MAX_MEGABYTES = 110;

const surroundings = await startSurroundings();
const TOTAL = REQUESTS + WARM_UP;
const listed = Array.from({ length: PAGE }, (_, number) => recordOf(number));
/** The records that each round deletes. */
const toDelete = Array.from({ length: ROUNDS }, (_, round) =>
  Array.from({ length: TOTAL }, (_unused, number) => recordOf(PAGE + round * TOTAL + number)),
);
await surroundings.createTable(PEER_TABLE);
for (const name of [surroundings.table, PEER_TABLE]) {
  await putRecords(surroundings.dynamodb, name, [...listed, ...toDelete.flat()].values());
}

type Event = ReturnType<typeof createEvent>;
function repeat(event: Event): Event[] {
  return Array.from({ length: TOTAL }, () => event);
}

function ours(name: FunctionName, events: unknown[]): Subject {
  return {
    bundle: surroundings.bundleOf(name),
    environment: surroundings.environmentOf(name),
    events,
    warmUp: WARM_UP,
    response: name === 'Authorize' ? admitted : succeeded,
  };
}

const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const expressBundle = await defaultBundle(directory, 'express-app');
function byExpress(events: Event[]): Subject {
  return {
    bundle: expressBundle,
    environment: expressEnvironment(surroundings),
    events: events.map((event) => withToken(event, surroundings.token)),
    warmUp: WARM_UP,
    response: succeeded,
  };
}

function subjectsOf(round: number): Record<string, Subject> {
  const scenarios: Record<string, [FunctionName, Event[]]> = {
    create: ['Create', repeat(createEvent())],
    'create with inline actions': ['Create', repeat(createEvent({ actions: INLINE_ACTIONS }))],
    get: ['Get', repeat(getEvent(recordOf(1).id))],
    [`list of ${PAGE}`]: ['List', repeat(listEvent())],
    delete: ['Delete', (toDelete[round] ?? []).map(({ id }) => deleteEvent(id))],
  };
  const named = Object.entries(scenarios);
  return {
    authorize: ours('Authorize', repeat(authorizeEvent(surroundings.token))),
    ...Object.fromEntries(named.map(([name, [by, events]]) => [name, ours(by, events)])),
    ...Object.fromEntries(named.map(([name, [, events]]) => [`Express: ${name}`, byExpress(events)])),
  };
}

const results = await measureInTurn(subjectsOf, ROUNDS);
await surroundings.close();

/** The limits of the median processor time, in milliseconds. */
const MAX_MILLISECONDS: Record<string, number> = {
  authorize: 1,
  create: 3,
  'create with inline actions': 3,
  get: 3,
  [`list of ${PAGE}`]: 3,
  delete: 3,
};

function verdict(value: number, limit: number | undefined) {
  return limit === undefined ? '' : `≤ ${limit} ${value <= limit ? 'holds' : 'MISSED'}`;
}

function measuredOf(name: string): Measured[] {
  return results.get(name) ?? [];
}

/** Returns the median processor time of each process. */
function medians(name: string): number[] {
  return measuredOf(name).map(({ cpu }) => summarize(cpu).median);
}

function besideExpress(name: string): string {
  const peer = medians(`Express: ${name}`);
  return peer.length === 0 ? '' : spread(ratiosOf(medians(name), peer));
}

report(
  'bench:request',
  [
    `${ROUNDS} processes each, in turn, of ${REQUESTS} requests after ${WARM_UP} that do not count; medians with quartiles. Memory is what is resident of Node and the function, without Lambda's runtime client.`,
    table(
      [
        'request',
        'processor time, ms',
        'bound',
        '÷ Express, by process',
        'with waiting, ms',
        'MB after 100',
        'bound',
        `MB after ${TOTAL}`,
      ],
      [...results].map(([name, measured]) => {
        const cpu = summarize(measured.flatMap((process) => process.cpu));
        const early = summarize(measured.map(({ rssEarly }) => rssEarly / 1e6));
        const late = summarize(measured.map(({ rss }) => rss / 1e6));
        return [
          name,
          spread(cpu),
          verdict(cpu.median, MAX_MILLISECONDS[name]),
          besideExpress(name),
          spread(summarize(measured.flatMap(({ wall }) => wall))),
          digits(early.median, 0),
          verdict(early.median, MAX_MILLISECONDS[name] && MAX_MEGABYTES),
          digits(late.median, 0),
        ];
      }),
    ),
  ].join('\n\n'),
  'warm',
);
