import { createRequire } from 'node:module';
import * as z from 'zod/mini';
import { listEvent } from './events.ts';
import { deletedRecordOf, putRecords, recordOf } from './records.ts';
import { checkLimits, judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import { startTestbed } from './testbed.ts';

/*
 * Measures whether a list takes longer as its table grows: pages of 100 from a large and a small table, alternately, by
 * the same bundle in one process. All records, deleted ones included, belong to one customer and one provider: the
 * worst case.
 */

const ROUNDS = option('rounds', 40);
const LARGE = option('records', 50_000);
const SMALL = 1_000;
const PAGE = 100;
const MAX_RATIO = 1.3;

const testbed = await startTestbed('scripted');
const { dynamodb } = testbed;
const NAMES = { large: `${testbed.table}-large`, small: `${testbed.table}-small` } as const;

/** Creates a table of records, each followed by a deleted one. */
async function fill(name: string, records: number): Promise<void> {
  await testbed.createTable(name);
  const numbers = Iterator.from(Array(records * 2).keys());
  await putRecords(
    dynamodb,
    name,
    numbers.map((number) => (number % 2 === 0 ? recordOf(number) : deletedRecordOf(number))),
  );
}

await fill(NAMES.small, SMALL);
await fill(NAMES.large, LARGE);

const responseSchema = z.object({ statusCode: z.literal(200), body: z.string() });
const pageSchema = z.object({ result: z.array(z.object({ tm_create: z.string() })) });

type List = (query?: Record<string, string>) => Promise<number>;

/**
 * Loads the list function again, for a table: it reads its environment while it loads.
 *
 * @returns A function that lists a page and returns how many milliseconds that took.
 */
function listOn(tableName: string): List {
  Object.assign(process.env, testbed.environmentOf('List', { PROVIDER_CALL_TABLE: tableName }));
  const require = createRequire(import.meta.url);
  const bundle = testbed.bundleOf('List');
  delete require.cache[require.resolve(bundle)];
  const { handler } = require(bundle);
  return async (query) => {
    const startedAt = performance.now();
    const response = responseSchema.parse(
      await handler(listEvent(query), { awsRequestId: 'bench', getRemainingTimeInMillis: () => 10_000 }),
    );
    const took = performance.now() - startedAt;
    const { result } = pageSchema.parse(JSON.parse(response.body));
    if (result.length !== PAGE) throw new Error(`a page of ${result.length} instead of ${PAGE}`);
    return took;
  };
}

// A function's log lines are not the benchmark's output.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
const lists = { large: listOn(NAMES.large), small: listOn(NAMES.small) };

function middleOf(records: number) {
  return recordOf(records).createdAt;
}

const PAGES = {
  'the newest 100': { large: undefined, small: undefined },
  '100 from the middle': { large: { page_token: middleOf(LARGE) }, small: { page_token: middleOf(SMALL) } },
  'the newest 100 of one provider': {
    large: { provider_id: recordOf(0).providerId },
    small: { provider_id: recordOf(0).providerId },
  },
} as const;

const rows: string[][] = [];
for (const [page, query] of Object.entries(PAGES)) {
  const taken: { large: number[]; small: number[] } = { large: [], small: [] };
  for (let round = -5; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? (['large', 'small'] as const) : (['small', 'large'] as const);
    for (const size of order) {
      const milliseconds = await lists[size](query[size]);
      if (round >= 0) taken[size].push(milliseconds);
    }
  }
  rows.push([
    page,
    spread(summarize(taken.large), 1),
    spread(summarize(taken.small), 1),
    ...judged(page, ratiosOf(taken.large, taken.small), { max: MAX_RATIO }),
  ]);
}

process.stdout.write = write;
await testbed.close();

report(
  'bench:growth',
  [
    `${ROUNDS} rounds, in turn, by one process; medians with quartiles; milliseconds of the whole function, DynamoDB (dynalite in memory) included.`,
    table(['page', `${LARGE} records and ${LARGE} deleted`, `${SMALL} and ${SMALL}`, 'ratio', 'limit'], rows),
  ].join('\n\n'),
);
checkLimits();
// dynalite takes long to free the memory of 200,000 items.
process.exit();
