import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { contextOf } from './lambda-context.ts';

/*
 * The process in which one function is measured, with built-in modules only. It loads a bundle as Lambda does, passes
 * it events one after another, and writes the measurements to file descriptor 3, because standard output belongs to the
 * function. `argv`: bundle, file with a JSON array of events, number of warm-up events.
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
  responses: unknown[];
};

const [, , bundle = '', eventFile = '', warmUp = '0'] = process.argv;
const events: unknown[] = JSON.parse(readFileSync(eventFile, 'utf8'));

/** The number of events after which memory is measured for the first time. */
const EARLY = 100;

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/**
 * Returns milliseconds. `performance` loads a module at its first use, whose cost must count for the function that uses
 * it.
 */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Returns the milliseconds of processor time that all threads of the process have taken since `before`. */
function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function run() {
  const cpuAtStart = process.cpuUsage();
  const startedAt = now();
  const handler: unknown = createRequire(bundle)(bundle).handler;
  const init = now() - startedAt;
  const initCpu = millisecondsSince(cpuAtStart);
  if (!isHandler(handler)) throw new Error(`${bundle} has no handler`);
  const measured: Measured = {
    init,
    initCpu,
    first: 0,
    wall: [],
    cpu: [],
    rssEarly: 0,
    rss: 0,
    responses: [],
  };
  for (const [number, event] of events.entries()) {
    const cpuBefore = process.cpuUsage();
    const before = now();
    const response = await handler(event, contextOf(number));
    const wall = now() - before;
    const cpu = millisecondsSince(cpuBefore);
    if (number === 0) measured.first = wall;
    if (number === 0 || number === events.length - 1) measured.responses.push(response);
    if (number === EARLY - 1) measured.rssEarly = process.memoryUsage.rss();
    if (number < Number(warmUp)) continue;
    measured.wall.push(wall);
    measured.cpu.push(cpu);
  }
  measured.rss = process.memoryUsage.rss();
  writeSync(3, JSON.stringify(measured));
  process.exit(0);
}

run().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
