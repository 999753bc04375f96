import { assemblyOf, earlierCommit } from './earlier-commit.ts';
import {
  authorizeEvent,
  createEvent,
  deleteEvent,
  getEvent,
  INLINE_ACTIONS,
  listEvent,
  withToken,
} from './events.ts';
import { defaultBundle, floorBundle } from './fixture-bundles.ts';
import { MAX_WARM_RATIOS } from './limits.ts';
import { admitted, DIRECTORY, type Measured, measureInTurn, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { checkLimits, digits, judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import {
  expressEnvironment,
  type FunctionName,
  type Functions,
  PEER_TABLE,
  startTestbed,
} from './testbed.ts';

/*
 * Measures the processor time that a warm function takes for a request, excluding the time in which it waits for
 * DynamoDB and the backends, which run in another process; and its memory afterwards. `--before COMMIT` measures that
 * commit's functions in the same rounds.
 */

const SECONDS = option('seconds', 220);
/**
 * The number of measured requests, and of those before them that are not measured, so that V8 has compiled the code.
 */
const REQUESTS = 60;
const WARM_UP = 140;
const TOTAL = WARM_UP + REQUESTS;
const PAGE = 100;

const before = earlierCommit();
const testbed = await startTestbed('scripted');
const earlier = before === undefined ? undefined : testbed.functionsOf(assemblyOf(before));
await testbed.createTable(PEER_TABLE);
for (const name of [testbed.table, PEER_TABLE]) {
  await putRecords(
    testbed.dynamodb,
    name,
    Array.from({ length: PAGE }, (_, number) => recordOf(number)).values(),
  );
}

type Event = ReturnType<typeof createEvent>;
function repeat(event: Event): Event[] {
  return Array.from({ length: TOTAL }, () => event);
}

const expressBundle = await defaultBundle(DIRECTORY, 'express-app');
const floors = new Map<FunctionName, string>();
for (const name of ['Authorize', 'Create', 'Get', 'List', 'Delete'] as const) {
  floors.set(name, await floorBundle(DIRECTORY, name.toLowerCase()));
}

function inLambda(functions: Functions, name: FunctionName, events: unknown[]): Subject {
  return {
    bundle: functions.bundleOf(name),
    environment: functions.environmentOf(name),
    events,
    warmUp: WARM_UP,
    response: name === 'Authorize' ? admitted : succeeded,
  };
}

function byExpress(events: Event[]): Subject {
  return {
    bundle: expressBundle,
    environment: expressEnvironment(testbed),
    events: events.map((event) => withToken(event, testbed.token)),
    warmUp: WARM_UP,
    response: succeeded,
  };
}

let nextToDelete = PAGE;
/** Stores a record for each deletion that a subject performs, and returns the events of the deletions. */
async function deletions(tableName: string): Promise<Event[]> {
  const records = Array.from({ length: TOTAL }, (_, number) => recordOf(nextToDelete + number));
  nextToDelete += TOTAL;
  await putRecords(testbed.dynamodb, tableName, records.values());
  return records.map(({ id }) => deleteEvent(id));
}

const scenarios: Record<string, [FunctionName, (tableName: string) => Promise<Event[]>]> = {
  create: ['Create', async () => repeat(createEvent())],
  'create with inline actions': ['Create', async () => repeat(createEvent({ actions: INLINE_ACTIONS }))],
  get: ['Get', async () => repeat(getEvent(recordOf(1).id))],
  [`list of ${PAGE}`]: ['List', async () => repeat(listEvent())],
  delete: ['Delete', deletions],
};

function floorOf(name: FunctionName): string {
  const floor = floors.get(name);
  if (floor === undefined) throw new Error(`no floor was built for ${name}`);
  return floor;
}

function floorKey(name: string) {
  return `floor: ${name}`;
}
function expressKey(name: string) {
  return `Express: ${name}`;
}
function beforeKey(name: string) {
  return `before: ${name}`;
}

/** The subjects of a scenario are adjacent, so that little time passes between those that are compared. */
async function subjectsOf(): Promise<Record<string, Subject>> {
  const authorizations = repeat(authorizeEvent(testbed.token));
  const subjects: Record<string, Subject> = {};
  const add = (scenario: string, name: FunctionName, events: Event[], floorEvents: Event[]) => {
    const own = inLambda(testbed, name, events);
    subjects[scenario] = own;
    subjects[floorKey(scenario)] = { ...own, bundle: floorOf(name), events: floorEvents };
  };
  add('authorize', 'Authorize', authorizations, authorizations);
  if (earlier) subjects[beforeKey('authorize')] = inLambda(earlier, 'Authorize', authorizations);
  for (const [scenario, [name, eventsFor]] of Object.entries(scenarios)) {
    add(scenario, name, await eventsFor(testbed.table), await eventsFor(testbed.table));
    if (earlier) subjects[beforeKey(scenario)] = inLambda(earlier, name, await eventsFor(testbed.table));
    subjects[expressKey(scenario)] = byExpress(await eventsFor(PEER_TABLE));
  }
  return subjects;
}

const results = await measureInTurn(subjectsOf, SECONDS);
await testbed.close();

function measuredOf(name: string): Measured[] {
  return results.get(name) ?? [];
}

/** Returns the median processor time of each process. */
function medians(name: string): number[] {
  return measuredOf(name).map(({ cpu }) => summarize(cpu).median);
}

/** Returns the megabytes of each process after its first hundred requests. */
function memory(name: string): number[] {
  return measuredOf(name).map(({ rssEarly }) => rssEarly / 1e6);
}

const own = ['authorize', ...Object.keys(scenarios)];

const rows = own.flatMap((name) => {
  const limits = MAX_WARM_RATIOS[name];
  const cpuRatio = ratiosOf(medians(name), medians(floorKey(name)));
  const memoryRatio = ratiosOf(memory(name), memory(floorKey(name)));
  return [
    [
      name,
      spread(summarize(measuredOf(name).flatMap(({ cpu }) => cpu))),
      ...(limits ? judged(`${name} ÷ floor`, cpuRatio, limits.cpu) : [spread(cpuRatio), '']),
      name === 'authorize' ? '' : spread(ratiosOf(medians(name), medians(expressKey(name)))),
      digits(summarize(memory(name)).median, 0),
      ...(limits ? judged(`${name} memory ÷ floor`, memoryRatio, limits.memory) : [spread(memoryRatio), '']),
      spread(summarize(measuredOf(name).flatMap(({ wall }) => wall))),
    ],
  ];
});

const peers = [...own.map(floorKey), ...Object.keys(scenarios).map(expressKey)].map((name) => [
  name,
  spread(summarize(measuredOf(name).flatMap(({ cpu }) => cpu))),
  digits(summarize(memory(name)).median, 0),
]);

const rounds = `${medians('get').length} processes each, in turn, of ${REQUESTS} requests after ${WARM_UP} that do not count; medians with quartiles; the ratios are of the same round.`;
report(
  'bench:request',
  [
    `${rounds} Memory is what is resident of Node and the function after 100 requests, without Lambda's runtime client.`,
    table(
      [
        'request',
        'processor time, ms',
        '÷ floor',
        'limit',
        '÷ Express',
        'MB',
        '÷ floor',
        'limit',
        'with waiting, ms',
      ],
      rows,
    ),
    table(['peer', 'processor time, ms', 'MB'], peers),
  ].join('\n\n'),
  'warm',
);

if (before !== undefined) {
  report(
    'bench:request',
    [
      `Before: commit ${before}, with today's dependencies. ${rounds}`,
      table(
        [
          'request',
          'processor time before, ms',
          'after',
          'after ÷ before',
          'MB before',
          'after',
          'after ÷ before',
        ],
        own.map((name) => [
          name,
          ...[medians, memory].flatMap((of, column) => [
            spread(summarize(of(beforeKey(name))), column === 0 ? 2 : 0),
            spread(summarize(of(name)), column === 0 ? 2 : 0),
            spread(ratiosOf(of(name), of(beforeKey(name)))),
          ]),
        ]),
      ),
    ].join('\n\n'),
    'warm-before',
  );
}
checkLimits();
