import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

const ROOT = join(import.meta.dirname, '..');

/** Where a commit has the module that exports `localAssembly`. */
const MODULES = ['packages/local/src/assembly-cache.ts', 'local/assembly-cache.ts'];

/**
 * Returns the abbreviated commit that `--before` names, or undefined without the option.
 *
 * @throws {Error} when there is no such commit
 */
export function earlierCommit(): string | undefined {
  const at = process.argv.indexOf('--before');
  if (at < 0) return undefined;
  const name = z.parse(z.string('--before takes a commit'), process.argv[at + 1]);
  return execFileSync('git', ['rev-parse', '--short', `${name}^{commit}`], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
}

/**
 * Synthesizes stage `local` of a commit with its own code and today's dependencies, and returns the assembly's directory.
 * The commit's files are in a temporary folder that is removed when the process ends.
 */
export function assemblyOf(commit: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1024 ** 3 });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const module = MODULES.map((path) => join(directory, path)).find(existsSync);
  if (module === undefined) throw new Error(`commit ${commit} has none of ${MODULES.join(', ')}`);
  const program = `console.log(await (await import(${JSON.stringify(module)})).localAssembly())`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    cwd: directory,
  }).trim();
}
