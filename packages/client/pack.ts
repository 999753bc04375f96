import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * `npm pack` runs this before and after packing. Inside the repository the package's source is used as it is; Node does
 * not strip types below node_modules, so the packed package is compiled and its `exports` point to the result.
 */
const HERE = new URL('./', import.meta.url);
const MANIFEST = new URL('package.json', HERE);
const ORIGINAL = new URL('package.json.orig', HERE);
const COMPILED = new URL('dist/', HERE);

function prepare(): void {
  restore();
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: HERE, stdio: ['ignore', 2, 2] });
  const { scripts, devDependencies, ...published } = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  renameSync(MANIFEST, ORIGINAL);
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
  writeFileSync(MANIFEST, `${JSON.stringify({ ...published, exports }, null, 2)}\n`);
}

function restore(): void {
  rmSync(COMPILED, { recursive: true, force: true });
  if (existsSync(ORIGINAL)) renameSync(ORIGINAL, MANIFEST);
}

if (process.argv[2] === 'restore') restore();
else prepare();
