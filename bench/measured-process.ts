import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/*
 * The process in which one function is measured, on built-in modules alone. Loads a bundle as Lambda does, hands it
 * events one after another and writes what that took to file descriptor 3, for standard output is the function's.
 * `argv`: bundle, file with a JSON array of events, how many of them come before the clock counts.
 */

type Handler = (event: unknown, context: object) => Promise<unknown>;

type Measured = {
  init: number;
  initCpu: number;
  first: number;
  wall: number[];
  cpu: number[];
  rssEarly: number;
  rss: number;
  answers: unknown[];
};

const [, , bundle = '', eventFile = '', uncounted = '0'] = process.argv;
const events: unknown[] = JSON.parse(readFileSync(eventFile, 'utf8'));

/** After so many events the memory is told a first time. */
const EARLY = 100;

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

const contextOf = (number: number) => ({
  awsRequestId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  functionName: 'measured',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:measured',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 28_000,
});

/** Milliseconds. Not by `performance`, whose first touch loads a module that the function is to pay for itself. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Processor time of all threads of the process. */
const millisecondsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

const run = async () => {
  const cpuAtStart = process.cpuUsage();
  const startedAt = now();
  const handler: unknown = createRequire(bundle)(bundle).handler;
  const init = now() - startedAt;
  const initCpu = millisecondsSince(cpuAtStart);
  if (!isHandler(handler)) throw new Error(`${bundle} has no handler`);
  const measured: Measured = { init, initCpu, first: 0, wall: [], cpu: [], rssEarly: 0, rss: 0, answers: [] };
  for (const [number, event] of events.entries()) {
    const cpuBefore = process.cpuUsage();
    const before = now();
    const answer = await handler(event, contextOf(number));
    const wall = now() - before;
    const cpu = millisecondsSince(cpuBefore);
    if (number === 0) measured.first = wall;
    if (number === 0 || number === events.length - 1) measured.answers.push(answer);
    if (number === EARLY - 1) measured.rssEarly = process.memoryUsage.rss();
    if (number < Number(uncounted)) continue;
    measured.wall.push(wall);
    measured.cpu.push(cpu);
  }
  measured.rss = process.memoryUsage.rss();
  writeSync(3, JSON.stringify(measured));
  process.exit(0);
};

run().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
