import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import * as z from 'zod/mini';

/** A function that is measured: its bundle, its environment, and the events that it is given. */
export type Subject = {
  bundle: string;
  environment: Record<string, string>;
  events: readonly unknown[];
  /** How many of the events only warm it up. */
  uncounted?: number;
  /** What its first and last answer must be like: an error that came quickly is no measurement. */
  answer: z.ZodMiniType;
};

export const succeeded = z.looseObject({ statusCode: z.literal(200) });
export const admitted = z.looseObject({
  policyDocument: z.looseObject({ Statement: z.tuple([z.looseObject({ Effect: z.literal('Allow') })]) }),
});

const measuredSchema = z.object({
  /** Milliseconds from the first line of the bundle to its last, of the first event, and of every counted event. */
  init: z.number(),
  /** Milliseconds of processor time in the first of these. */
  initCpu: z.number(),
  first: z.number(),
  wall: z.array(z.number()),
  /** Milliseconds of processor time for every counted event, all threads of the process together. */
  cpu: z.array(z.number()),
  /** Bytes of the process that are in memory after the first hundred events (0 when there are fewer), and after the last. */
  rssEarly: z.number(),
  rss: z.number(),
  /** What the function answered to the first and to the last event. */
  answers: z.array(z.unknown()),
});
export type Measured = z.infer<typeof measuredSchema>;

const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const measuredProcess = join(directory, 'measured-process.cjs');
// Stripped of its types beforehand, or every measured process would load the type stripper first.
buildSync({
  entryPoints: [join(import.meta.dirname, 'measured-process.ts')],
  outfile: measuredProcess,
  format: 'cjs',
  platform: 'node',
});

/** Runs a function in a fresh process, alone with its own environment. Rejects when it fails. */
const measure = async (subject: Subject): Promise<Measured> => {
  const { bundle, environment, events, uncounted = 0, answer } = subject;
  const eventFile = join(directory, 'events.json');
  writeFileSync(eventFile, JSON.stringify(events));
  const child = spawn(process.execPath, [measuredProcess, bundle, eventFile, String(uncounted)], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable) || child.stderr === null)
    throw new Error('the measured process has no pipes');
  const [result, complaint, [status]] = await Promise.all([
    text(pipe),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (status !== 0) throw new Error(`${bundle} ended with ${status}: ${complaint}`);
  const measured = measuredSchema.parse(JSON.parse(result));
  for (const answered of measured.answers) answer.parse(answered);
  return measured;
};

/**
 * Measures every subject once a round, in turn, beginning with another one each time. `subjectsOf` gives those of a
 * round, always under the same names. Gives each subject's measurements in the order of the rounds.
 */
export const measureInTurn = async (
  subjectsOf: (round: number) => Readonly<Record<string, Subject>>,
  rounds: number,
): Promise<Map<string, Measured[]>> => {
  const results = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round += 1) {
    const named = Object.entries(subjectsOf(round));
    for (const [name] of named) results.set(name, results.get(name) ?? []);
    const from = round % named.length;
    for (const [name, subject] of [...named.slice(from), ...named.slice(0, from)]) {
      results.get(name)?.push(await measure(subject));
    }
    process.stderr.write(`\rround ${round + 1} of ${rounds}`);
  }
  process.stderr.write('\n');
  return results;
};
