import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { MUTATIONS, type Mutation } from './mutations.ts';

/*
 * `npm run mutations [WORD]`: applies the mutations in mutations.ts one at a time in a copy of the project, and
 * runs the tests of functions and the fault tests on it, without the kills and the long schedules. Each
 * mutation must fail a test. WORD selects the mutations whose description contains it.
 */

const ROOT = join(import.meta.dirname, '../..');

const copy = copyProject();
try {
  const failed = firstFailure();
  if (failed !== undefined) throw new Error(`fails without any mutation: ${failed}`);
  const selected = MUTATIONS.filter(({ breaks }) => breaks.includes(process.argv[2] ?? ''));
  const survivors = selected.filter((mutation) => !isCaught(mutation));
  console.log(`${selected.length - survivors.length} of ${selected.length} mutations fail a test`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function copyProject(): string {
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-mutations-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of new Set(files.split('\0').filter((name) => name !== ''))) {
    cpSync(join(ROOT, file), join(directory, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

/** Applies a mutation in the copy, runs the tests, reverts it, and reports whether a test failed. */
function isCaught({ breaks, file, from, to }: Mutation): boolean {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) throw new Error(`${file} does not contain, once: ${from}`);
  writeFileSync(
    path,
    original.replace(from, () => to),
  );
  const failed = firstFailure();
  writeFileSync(path, original);
  console.log(failed === undefined ? `SURVIVES  ${breaks}` : `caught  ${breaks}: ${failed}`);
  return failed !== undefined;
}

/** Runs the tests in the copy, the quick ones first. Returns the first that fails, or undefined. */
function firstFailure(): string | undefined {
  return firstFailureIn('test/functions') ?? firstFailureIn('test/faults');
}

function firstFailureIn(directory: string): string | undefined {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'mutations', '--bail=1', '--reporter=dot', directory],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status === 0) return undefined;
  const failed = /^ *FAIL +(.*)$/m.exec(stripVTControlCharacters(stdout + stderr))?.[1];
  // Tests that do not even start have not detected the mutation.
  if (failed === undefined) throw new Error(`the tests did not run: ${stdout}${stderr}`);
  return failed;
}
