import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/*
 * Runs benchmarks one after another, each in a process of its own: `run.ts cold growth --write` gives each of them what
 * comes after the names.
 */

const given = process.argv.slice(2);
const first = given.findIndex((argument) => argument.startsWith('--'));
const names = first < 0 ? given : given.slice(0, first);
const options = first < 0 ? [] : given.slice(first);
for (const name of names) {
  execFileSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...options], { stdio: 'inherit' });
}
