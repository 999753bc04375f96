import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { digits, report, spread, table } from './report.ts';
import { summarize } from './statistics.ts';

/*
 * Measures how many seconds `npm start` takes until it serves: in a copy of the commit with empty caches, as after
 * `npm ci`, and again in the same copy.
 */

const COPIES = 2;
const STARTS = 4;

const ROOT = join(import.meta.dirname, '..');

const first: number[] = [];
const unchanged: number[] = [];
for (let copy = 0; copy < COPIES; copy += 1) {
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
  try {
    copyCommit(directory);
    first.push(await secondsToStart(directory));
    for (let start = 0; start < STARTS; start += 1) unchanged.push(await secondsToStart(directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

report(
  'bench:start',
  table(
    ['npm start', 'goal, s', 'seconds', 'slowest', 'starts'],
    [
      ['the first after npm ci', '8.0', first],
      ['on an unchanged tree', '1.5', unchanged],
    ].map(([name, goal, seconds]) => {
      if (!Array.isArray(seconds)) throw new Error('no seconds');
      return [
        String(name),
        String(goal),
        spread(summarize(seconds)),
        digits(Math.max(...seconds), 2),
        String(seconds.length),
      ];
    }),
  ),
  'start',
);

/** Puts the commit's files into a directory, with this tree's dependencies and without its caches. */
function copyCommit(directory: string): void {
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: ROOT, maxBuffer: 1024 ** 3 });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@provider-call'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@provider-call' || name === '.cache') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(directory, 'packages'))) {
    symlinkSync(join(directory, 'packages', name), join(modules, '@provider-call', name));
  }
}

/** Runs `npm start` until it reports that it serves, and returns how many seconds that took. */
async function secondsToStart(directory: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: directory,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready ')) break;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await end(child);
  return seconds;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
  child.kill('SIGTERM');
  await once(child, 'exit');
}
