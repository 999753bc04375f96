import { existsSync, globSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import * as z from 'zod/mini';
import { BUNDLING, ENVIRONMENT_CREDENTIALS } from '../lib/function-bundles.ts';
import { authorizeEvent, createEvent, getEvent, listEvent } from './events.ts';
import { admitted, DIRECTORY, measure, type Subject, succeeded } from './measure.ts';
import { putRecords, recordOf } from './records.ts';
import { digits, report, table } from './report.ts';
import { type FunctionName, startTestbed } from './testbed.ts';

/*
 * `npm run bench:profile`: where a function's bytes and processor time go, by package and folder, and its system calls. The
 * profiler samples the unminified bundle, in which esbuild's comments say where each module begins. Time in Node's own modules
 * counts for whoever called them.
 */

/** Processes whose init is averaged, and requests in one process, of which the second half counts. */
const STARTS = 12;
const REQUESTS = 1_000;
/** The profiler's interval, microseconds. */
const INTERVAL = 50;
/** Parts below this share of a function's init and of its request are one row. */
const MIN_SHARE = 0.004;
const PAGE = 100;
const STRACE = '/usr/bin/strace';

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.optional(z.array(z.number())),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type ProfileNode = z.infer<typeof profileSchema>['nodes'][number];

const ROOT = join(import.meta.dirname, '..');

const testbed = await startTestbed('scripted');
await putRecords(
  testbed.dynamodb,
  testbed.table,
  Array.from({ length: PAGE }, (_, number) => recordOf(number)).values(),
);
const profiled: { name: FunctionName; entry: string; event: unknown; response: Subject['response'] }[] = [
  { name: 'Authorize', entry: 'authorize', event: authorizeEvent(testbed.token), response: admitted },
  { name: 'Create', entry: 'create-provider-call', event: createEvent(), response: succeeded },
  { name: 'Get', entry: 'get-provider-call', event: getEvent(recordOf(1).id), response: succeeded },
  { name: 'List', entry: 'list-provider-calls', event: listEvent(), response: succeeded },
];

const sections: string[] = [];
const systemCalls: string[][] = [];
for (const { name, entry, event, response } of profiled) {
  const { bundle, bytes } = bundleOf(entry);
  const subject: Subject = { bundle, environment: testbed.environmentOf(name), events: [], response };
  const init = new Map<string, number>();
  for (let start = 0; start < STARTS; start += 1) await profile(subject, init, STARTS);
  const events = Array.from({ length: REQUESTS }, () => event);
  const warmUp = REQUESTS / 2;
  const request = new Map<string, number>();
  await profile({ ...subject, events, warmUp }, request, REQUESTS - warmUp);
  sections.push(tableOf(name.toLowerCase(), bytes, init, request));
  const calls = await systemCallsOf({ ...subject, events });
  if (calls !== undefined) systemCalls.push([name.toLowerCase(), calls]);
}
await testbed.close();
report(
  'bench:profile',
  [
    `Init: ${STARTS} processes; a warm request: the second ${REQUESTS / 2} of ${REQUESTS} in one process. Samples every ${INTERVAL} µs, so that the sum is more than without the profiler. Parts below ${digits(MIN_SHARE * 100, 1)} % of both are one row.`,
    ...sections,
    systemCalls.length === 0
      ? 'System calls: not counted, strace is missing.'
      : table(['function', 'system calls a request, all threads'], systemCalls),
  ].join('\n\n'),
);

function add(sums: Map<string, number>, part: string, value: number): void {
  sums.set(part, (sums.get(part) ?? 0) + value);
}

/** Returns the unminified bundle of an entry file, and the bytes of each part in the one that is deployed. */
function bundleOf(entry: string): { bundle: string; bytes: Map<string, number> } {
  const build = (minify: boolean) => {
    const outfile = join(DIRECTORY, `${entry}-${minify ? 'deployed' : 'readable'}.cjs`);
    const options = { ...BUNDLING, minify, outfile, alias: ENVIRONMENT_CREDENTIALS };
    const { metafile } = buildSync({
      ...options,
      metafile: true,
      absWorkingDir: ROOT,
      entryPoints: [`functions/${entry}.ts`],
    });
    return { outfile, metafile };
  };
  return { bundle: build(false).outfile, bytes: bytesOf(build(true).metafile) };
}

function bytesOf({ outputs }: Metafile): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      add(bytes, partOf(file), bytesInOutput);
    }
  }
  return bytes;
}

/** Returns the part to which a module belongs: its package, or its folder in the project. */
function partOf(file: string): string {
  const packageName = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (packageName === undefined) return file.split('/').slice(0, -1).join('/');
  return /^@(aws-sdk|smithy|middy)\//.exec(packageName)?.[0].slice(0, -1) ?? packageName;
}

/**
 * Profiles a process and adds the milliseconds of each part, divided, to the sums: those of the counted events, or of the whole
 * process when there are none.
 */
async function profile(subject: Subject, sums: Map<string, number>, divisor: number): Promise<void> {
  const target = mkdtempSync(join(DIRECTORY, 'profile-'));
  const options = ['--cpu-prof', `--cpu-prof-interval=${INTERVAL}`, `--cpu-prof-dir=${target}`];
  const { wall } = await measure(subject, { nodeOptions: options });
  const [file = ''] = globSync(join(target, '*.cpuprofile'));
  const { nodes, samples, timeDeltas } = z.parse(profileSchema, JSON.parse(readFileSync(file, 'utf8')));
  const counted = wall.length === 0 ? Number.POSITIVE_INFINITY : wall.reduce((sum, ms) => sum + ms, 0);
  const partOfNode = partsByNode(nodes, subject.bundle);
  let beforeTheEnd = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  for (const [at, id] of samples.entries()) {
    const delta = timeDeltas[at + 1] ?? 0;
    beforeTheEnd -= timeDeltas[at] ?? 0;
    const part = partOfNode.get(id);
    if (part !== undefined && beforeTheEnd / 1_000 <= counted) {
      add(sums, part, Math.max(0, delta) / 1_000 / divisor);
    }
  }
}

/** Returns each node's part: that of the nearest caller in the bundle. Idle time has none. */
function partsByNode(nodes: readonly ProfileNode[], bundle: string): Map<number, string> {
  const modules = modulesOf(bundle);
  const callers = new Map<number, ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) callers.set(child, node);
  const parts = new Map<number, string>();
  for (const node of nodes) {
    if (node.callFrame.functionName === '(idle)') continue;
    let caller: ProfileNode | undefined = node;
    while (caller !== undefined && !caller.callFrame.url.endsWith(bundle)) caller = callers.get(caller.id);
    const line = caller?.callFrame.lineNumber ?? 0;
    const module = modules.findLast(({ from }) => from <= line)?.file;
    const own = module === undefined ? 'Node, for the bundle as a whole' : partOf(module);
    parts.set(node.id, caller === undefined ? "Node's own" : own);
  }
  return parts;
}

/** Returns the modules of a bundle and the lines at which they begin. */
function modulesOf(bundle: string): { from: number; file: string }[] {
  return readFileSync(bundle, 'utf8')
    .split('\n')
    .flatMap((line, from) => {
      const file = /^\s*\/\/ ((?:node_modules|functions|contract|packages)\/\S+)$/.exec(line)?.[1];
      return file === undefined ? [] : [{ from, file }];
    });
}

function tableOf(
  name: string,
  bytes: ReadonlyMap<string, number>,
  init: ReadonlyMap<string, number>,
  request: ReadonlyMap<string, number>,
): string {
  const sumOf = (values: ReadonlyMap<string, number>) =>
    values.values().reduce((sum, value) => sum + value, 0);
  const [initSum, requestSum] = [sumOf(init), sumOf(request)];
  const row = (part: string, kilobytes: number, ms: number, perRequest: number) => [
    part,
    kilobytes === 0 ? '' : digits(kilobytes / 1_000, 1),
    digits(ms, 1),
    digits(perRequest * 1_000, 0),
  ];
  const named = new Set([...bytes.keys(), ...init.keys(), ...request.keys()]);
  const parts = [...named].map((part) => ({
    part,
    bytes: bytes.get(part) ?? 0,
    init: init.get(part) ?? 0,
    request: request.get(part) ?? 0,
  }));
  const isSmall = (part: (typeof parts)[number]) =>
    part.init < initSum * MIN_SHARE && part.request < requestSum * MIN_SHARE;
  const large = parts.filter((part) => !isSmall(part)).toSorted((a, b) => b.init - a.init);
  const small = parts.filter(isSmall);
  const totalOf = (of: typeof parts) => ({
    bytes: of.reduce((sum, part) => sum + part.bytes, 0),
    init: of.reduce((sum, part) => sum + part.init, 0),
    request: of.reduce((sum, part) => sum + part.request, 0),
  });
  const [others, all] = [totalOf(small), totalOf(parts)];
  return table(
    [name, 'KB', 'init, ms', 'a warm request, µs'],
    [
      ...large.map((part) => row(part.part, part.bytes, part.init, part.request)),
      row(`${small.length} others`, others.bytes, others.init, others.request),
      row('all', all.bytes, all.init, all.request),
    ],
  );
}

/** Returns the system calls of one request, the most frequent by name; undefined without strace. */
async function systemCallsOf(subject: Subject): Promise<string | undefined> {
  if (!existsSync(STRACE)) return undefined;
  const count = async (events: readonly unknown[]) => {
    const output = join(DIRECTORY, 'strace');
    await measure({ ...subject, events }, { tracer: [STRACE, '-f', '-c', '-o', output] });
    const calls = new Map<string, number>();
    for (const line of readFileSync(output, 'utf8').split('\n')) {
      // % time, seconds, microseconds a call, calls, perhaps errors, name.
      const cells = line.trim().split(/\s+/);
      const [share, name] = [cells[0], cells.at(-1)];
      if (share === undefined || name === undefined || !/^[\d.]+$/.test(share) || name === 'total') continue;
      calls.set(name, Number(cells[3]));
    }
    return calls;
  };
  const half = subject.events.slice(0, subject.events.length / 2);
  const [some, all] = [await count(half), await count(subject.events)];
  const each = [...all].map(([name, calls]) => ({
    name,
    calls: (calls - (some.get(name) ?? 0)) / (subject.events.length - half.length),
  }));
  const sum = each.reduce((total, { calls }) => total + calls, 0);
  const frequent = each.toSorted((a, b) => b.calls - a.calls).filter(({ calls }) => calls >= 0.5);
  return `${digits(sum, 1)}: ${frequent.map(({ name, calls }) => `${digits(calls, 1)} ${name}`).join(', ')}`;
}
