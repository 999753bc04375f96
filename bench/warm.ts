import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizeEvent, createEvent, deleteEvent, getEvent, listEvent, withToken } from './events.ts';
import { defaultBundle } from './fixture-bundles.ts';
import { admitted, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { digits, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import { expressEnvironment, type FunctionName, peerTable, startSurroundings } from './surroundings.ts';

/*
 * What a warm function itself works at a request: processor time of its process, so that the waits for DynamoDB and the
 * backends, which run in another one, do not count. And the memory that it then has.
 */

const rounds = option('rounds', 20);
const requests = option('requests', 100);
/** Requests before the clock counts, until the code is compiled. */
const WARM_UP = 300;
const PAGE = 100;
const MOST_MEGABYTES = 110;

const surroundings = await startSurroundings();
const total = requests + WARM_UP;
const listed = Array.from({ length: PAGE }, (_, number) => recordOf(number));
/** What is deleted in one round; each table has its own of every round. */
const toDelete = Array.from({ length: rounds }, (_, round) =>
  Array.from({ length: total }, (_unused, number) => recordOf(PAGE + round * total + number)),
);
await surroundings.createTable(peerTable);
for (const name of [surroundings.table, peerTable]) {
  await putRecords(surroundings.dynamodb, name, [...listed, ...toDelete.flat()].values());
}

const inlineActions = [
  { type: 'answer' },
  { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
  { type: 'hangup' },
];
type Event = ReturnType<typeof createEvent>;
const repeat = (event: Event): Event[] => Array.from({ length: total }, () => event);
const ours = (name: FunctionName, events: unknown[]): Subject => ({
  bundle: surroundings.bundleOf(name),
  environment: surroundings.environmentOf(name),
  events,
  uncounted: WARM_UP,
  answer: name === 'Authorize' ? admitted : succeeded,
});
const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const expressBundle = await defaultBundle(directory, 'express-app');
const byExpress = (events: Event[]): Subject => ({
  bundle: expressBundle,
  environment: expressEnvironment(surroundings),
  events: events.map((event) => withToken(event, surroundings.token)),
  uncounted: WARM_UP,
  answer: succeeded,
});

const subjectsOf = (round: number): Record<string, Subject> => {
  const asked: Record<string, [FunctionName, Event[]]> = {
    create: ['Create', repeat(createEvent())],
    'create with inline actions': ['Create', repeat(createEvent({ actions: inlineActions }))],
    get: ['Get', repeat(getEvent(recordOf(1).id))],
    [`list of ${PAGE}`]: ['List', repeat(listEvent())],
    delete: ['Delete', (toDelete[round] ?? []).map(({ id }) => deleteEvent(id))],
  };
  const named = Object.entries(asked);
  return {
    authorize: ours('Authorize', repeat(authorizeEvent(surroundings.token))),
    ...Object.fromEntries(named.map(([name, [by, events]]) => [name, ours(by, events)])),
    ...Object.fromEntries(named.map(([name, [, events]]) => [`Express: ${name}`, byExpress(events)])),
  };
};

const results = await measureInTurn(subjectsOf, rounds);
await surroundings.close();

/** The most milliseconds of processor time that the middle request may take. */
const bounds: Record<string, number> = {
  authorize: 1,
  create: 3,
  'create with inline actions': 3,
  get: 3,
  [`list of ${PAGE}`]: 3,
  delete: 3,
};

const verdict = (value: number, bound: number | undefined) =>
  bound === undefined ? '' : `≤ ${bound} ${value <= bound ? 'holds' : 'MISSED'}`;

const measuredOf = (name: string): Measured[] => results.get(name) ?? [];
/** The median of each process. */
const medians = (name: string): number[] => measuredOf(name).map(({ cpu }) => summarize(cpu).median);
const besideExpress = (name: string): string => {
  const peer = medians(`Express: ${name}`);
  return peer.length === 0 ? '' : spread(ratiosOf(medians(name), peer));
};

report(
  'bench:request',
  [
    `${rounds} processes each, in turn, of ${requests} requests after ${WARM_UP} that do not count; medians with quartiles. Memory is what is resident of Node and the function, without Lambda's runtime client.`,
    table(
      [
        'request',
        'processor time, ms',
        'bound',
        '÷ Express, by process',
        'with waiting, ms',
        'MB after 100',
        'bound',
        `MB after ${total}`,
      ],
      [...results].map(([name, measured]) => {
        const cpu = summarize(measured.flatMap((process) => process.cpu));
        const early = summarize(measured.map(({ rssEarly }) => rssEarly / 1e6));
        const late = summarize(measured.map(({ rss }) => rss / 1e6));
        return [
          name,
          spread(cpu),
          verdict(cpu.median, bounds[name]),
          besideExpress(name),
          spread(summarize(measured.flatMap(({ wall }) => wall))),
          digits(early.median, 0),
          verdict(early.median, bounds[name] && MOST_MEGABYTES),
          digits(late.median, 0),
        ];
      }),
    ),
  ].join('\n\n'),
  'warm',
);
