import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import * as z from 'zod/mini';

/** A function to measure: its bundle, its environment, and the events it handles. */
export type Subject = {
  bundle: string;
  environment: Record<string, string>;
  events: readonly unknown[];
  /** The number of events that only warm it up. */
  warmUp?: number;
  /** What its first and last responses must match, so that a quick error does not pass for a measurement. */
  response: z.ZodMiniType;
};

/** Any response with status 200. */
export const succeeded = z.looseObject({ statusCode: z.literal(200) });
/** An authorizer's response that allows the request. */
export const admitted = z.looseObject({
  policyDocument: z.looseObject({ Statement: z.tuple([z.looseObject({ Effect: z.literal('Allow') })]) }),
});

const measuredSchema = z.object({
  /** Milliseconds to load the bundle, for the first event, and for every counted event. */
  init: z.number(),
  /** Milliseconds of processor time in the first of these. */
  initCpu: z.number(),
  first: z.number(),
  wall: z.array(z.number()),
  /** Milliseconds of processor time for every counted event, all threads of the process together. */
  cpu: z.array(z.number()),
  /** Resident bytes after the first hundred events (0 when there are fewer), and after the last. */
  rssEarly: z.number(),
  rss: z.number(),
  /** The responses to the first and to the last event. */
  responses: z.array(z.unknown()),
});
export type Measured = z.infer<typeof measuredSchema>;

/** A directory for this process's files, which is removed at its end. */
export const DIRECTORY = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(DIRECTORY, { recursive: true, force: true }));
const MEASURED_PROCESS = compiledProcess('measured-process', 'cjs');

/** The number of rounds below which quartiles are meaningless. */
const MIN_ROUNDS = 3;

/** The Linux command that binds a process to one core, because a function gets at most a share of one. */
const TASKSET = '/usr/bin/taskset';
/** The beginning of a command that runs on the core where functions are measured. */
export const ON_ONE_CORE = existsSync(TASKSET) ? [TASKSET, '--cpu-list', String(cpus().length - 1)] : [];

/**
 * Measures every subject once per round, starting each round with a different one, until the time is up. Returns each
 * subject's measurements in the order of the rounds.
 *
 * @param subjectsOf Returns the subjects of a round, under the same names in every round.
 * @param seconds The time after which no new round begins; there are always at least three.
 */
export async function measureInTurn(
  subjectsOf: () => Promise<Readonly<Record<string, Subject>>>,
  seconds: number,
): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>();
  const startedAt = performance.now();
  for (let round = 0; round < MIN_ROUNDS || performance.now() - startedAt < seconds * 1_000; round += 1) {
    const named = Object.entries(await subjectsOf());
    for (const [name] of named) results.set(name, results.get(name) ?? []);
    const from = round % named.length;
    for (const [name, subject] of [...named.slice(from), ...named.slice(0, from)]) {
      results.get(name)?.push(await measure(subject));
    }
    process.stderr.write(`\rround ${round + 1}, ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  process.stderr.write('\n');
  return results;
}

/**
 * Returns the file of a process in this folder, compiled in advance: otherwise each of them would load the type stripper
 * first.
 */
export function compiledProcess(name: string, format: 'cjs' | 'esm'): string {
  const outfile = join(DIRECTORY, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  buildSync({ entryPoints, outfile, format, bundle: true, platform: 'node', target: 'node24' });
  return outfile;
}

/**
 * Measures a function on one core, in a separate process whose environment is only the function's own.
 *
 * @param nodeOptions Options of the process's Node, such as `--cpu-prof`.
 * @param tracer A command that runs and observes the process, such as strace with its options.
 * @throws {Error} When the process fails.
 * @throws {z.core.$ZodError} When a response does not match.
 */
export async function measure(
  subject: Subject,
  { nodeOptions = [], tracer = [] }: { nodeOptions?: string[]; tracer?: string[] } = {},
): Promise<Measured> {
  const { bundle, environment, events, warmUp = 0, response } = subject;
  const eventFile = join(DIRECTORY, 'events.json');
  writeFileSync(eventFile, JSON.stringify(events));
  const node = [process.execPath, ...nodeOptions, MEASURED_PROCESS, bundle, eventFile, String(warmUp)];
  const [command = '', ...args] = [...ON_ONE_CORE, ...tracer, ...node];
  const child = spawn(command, args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable) || child.stderr === null)
    throw new Error('the measured process has no pipes');
  const [result, errorOutput, [status]] = await Promise.all([
    text(pipe),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (status !== 0) throw new Error(`${bundle} ended with ${status}: ${errorOutput}`);
  const measured = measuredSchema.parse(JSON.parse(result));
  for (const received of measured.responses) response.parse(received);
  return measured;
}
