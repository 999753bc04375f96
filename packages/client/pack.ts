import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * `npm pack` runs this before and after. Inside the repository the package's source is used as it is; Node strips no
 * types below node_modules, so what is packed is compiled and its `exports` point there.
 */
const here = new URL('./', import.meta.url);
const manifest = new URL('package.json', here);
const original = new URL('package.json.orig', here);
const compiled = new URL('dist/', here);

function prepare(): void {
  restore();
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: here, stdio: ['ignore', 2, 2] });
  const { scripts, devDependencies, ...published } = JSON.parse(readFileSync(manifest, 'utf8'));
  renameSync(manifest, original);
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
  writeFileSync(manifest, `${JSON.stringify({ ...published, exports }, null, 2)}\n`);
}

function restore(): void {
  rmSync(compiled, { recursive: true, force: true });
  if (existsSync(original)) renameSync(original, manifest);
}

if (process.argv[2] === 'restore') restore();
else prepare();
