import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPacked, machinePath } from '../test/packed-workspace.ts';
import { option } from './report.ts';
import { summarize } from './statistics.ts';

/*
 * Compares the start-up time of the packed command with that of an empty commander program. Their runs alternate.
 */

const RUNS = option('runs', 41);
const MAX_RATIO = 1.5;

const scratch = mkdtempSync(join(tmpdir(), 'bench-cli-'));
try {
  const folder = await installPacked('cli', scratch);
  const empty = join(folder, 'empty.mjs');
  writeFileSync(
    empty,
    "import { Command } from 'commander';\nawait new Command('empty').version('0.1.0').parseAsync(process.argv);\n",
  );
  const command = join(folder, 'node_modules/.bin/providercall');
  const machineNode = execFileSync('which', ['node'], {
    env: { PATH: machinePath },
    encoding: 'utf8',
  }).trim();
  for (const node of [machineNode, process.execPath]) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    for (const argument of ['--version', '--help']) {
      const times: Record<'empty' | 'providercall', number[]> = { empty: [], providercall: [] };
      for (let run = 0; run < RUNS; run += 1) {
        times.empty.push(durationOf(node, [empty, argument]));
        times.providercall.push(durationOf(node, [command, argument]));
      }
      const base = summarize(times.empty).median;
      const own = summarize(times.providercall).median;
      const ratio = own / base;
      const verdict = ratio <= MAX_RATIO ? 'within' : 'MORE THAN';
      console.log(
        `${version} ${argument}: empty ${base.toFixed(1)} ms, providercall ${own.toFixed(1)} ms, ratio ${ratio.toFixed(2)} (${verdict} ${MAX_RATIO})`,
      );
    }
  }
} finally {
  rmSync(scratch, { recursive: true });
}

/** Runs a program and returns the milliseconds until it exits. */
function durationOf(node: string, args: string[]): number {
  const startedAt = performance.now();
  execFileSync(node, args, { stdio: 'ignore' });
  return performance.now() - startedAt;
}
