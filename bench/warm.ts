import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizeEvent, createEvent, deleteEvent, getEvent, listEvent, withToken } from './events.ts';
import { defaultBundle } from './fixture-bundles.ts';
import { admitted, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { digits, option, report, spread, table } from './report.ts';
import { summarize } from './statistics.ts';
import { expressEnvironment, type FunctionName, peerTable, startSurroundings } from './surroundings.ts';

/*
 * What a warm function itself works at a request: processor time of its process, so that the waits for DynamoDB and the
 * backends, which run in another one, do not count. And the memory that it then has.
 */

const rounds = option('rounds', 4);
const requests = option('requests', 400);
/** Requests before the clock counts, until the code is compiled. */
const WARM_UP = 300;
const PAGE = 100;
const MOST_MEGABYTES = 110;

const surroundings = await startSurroundings();
const total = requests + WARM_UP;
const records = Array.from({ length: PAGE + total * rounds }, (_, number) => recordOf(number));
const toDelete = records.slice(PAGE);
await putRecords(surroundings.dynamodb, surroundings.table, records.values());
await surroundings.createTable(peerTable);
await putRecords(surroundings.dynamodb, peerTable, records.slice(0, PAGE).values());

const repeat = (event: unknown) => Array.from({ length: total }, () => event);
const subjectOf = (name: FunctionName, events: unknown[]): Subject => ({
  bundle: surroundings.bundleOf(name),
  environment: surroundings.environmentOf(name),
  events,
  uncounted: WARM_UP,
  answer: name === 'Authorize' ? admitted : succeeded,
});
const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const expressBundle = await defaultBundle(directory, 'express-app');
const byExpress = (event: ReturnType<typeof createEvent>): Subject => ({
  bundle: expressBundle,
  environment: expressEnvironment(surroundings),
  events: repeat(withToken(event, surroundings.token)),
  uncounted: WARM_UP,
  answer: succeeded,
});
const inlineActions = [
  { type: 'answer' },
  { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
  { type: 'hangup' },
];

const results = new Map<string, Measured[]>();
for (let round = 0; round < rounds; round += 1) {
  const deletions = toDelete.slice(round * total, (round + 1) * total);
  const once = await measureInTurn(
    {
      authorize: subjectOf('Authorize', repeat(authorizeEvent(surroundings.token))),
      create: subjectOf('Create', repeat(createEvent())),
      'create with inline actions': subjectOf('Create', repeat(createEvent({ actions: inlineActions }))),
      get: subjectOf('Get', repeat(getEvent(recordOf(1).id))),
      [`list of ${PAGE}`]: subjectOf('List', repeat(listEvent())),
      delete: subjectOf(
        'Delete',
        deletions.map(({ id }) => deleteEvent(id)),
      ),
      'Express: create': byExpress(createEvent()),
      'Express: get': byExpress(getEvent(recordOf(1).id)),
      [`Express: list of ${PAGE}`]: byExpress(listEvent()),
    },
    1,
  );
  for (const [name, measured] of once) results.set(name, [...(results.get(name) ?? []), ...measured]);
}
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

report(
  'bench:request',
  [
    `${rounds} processes each, in turn, of ${requests} requests after ${WARM_UP} that do not count; medians with quartiles. Memory is what is resident of Node and the function, without Lambda's runtime client.`,
    table(
      [
        'request',
        'processor time, ms',
        'bound',
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
