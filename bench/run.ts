import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/*
 * Runs benchmarks one after another, each in its own process. `run.ts cold growth --write` passes the options to each of
 * them. It exits with the status of the last one that failed.
 */

const ARGUMENTS = process.argv.slice(2);
const FIRST_OPTION = ARGUMENTS.findIndex((argument) => argument.startsWith('--'));
const NAMES = FIRST_OPTION < 0 ? ARGUMENTS : ARGUMENTS.slice(0, FIRST_OPTION);
const OPTIONS = FIRST_OPTION < 0 ? [] : ARGUMENTS.slice(FIRST_OPTION);
for (const name of NAMES) {
  const file = join(import.meta.dirname, `${name}.ts`);
  const { status } = spawnSync(process.execPath, [file, ...OPTIONS], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}
