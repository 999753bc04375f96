#!/usr/bin/env node
// Runs the source inside the repository, and the bundle in the package. Node 20 cannot run TypeScript: inside the
// repository, the Node 24 among the dependencies takes over.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const source = new URL('../src/main.ts', import.meta.url);
const node24 = new URL('../../../node_modules/.bin/node', import.meta.url);
const args = process.argv.slice(2);

if (!existsSync(source)) {
  const { main } = await import('../dist/main.js');
  await main(args);
} else if (process.features.typescript) {
  const { main } = await import(source.href);
  await main(args);
} else {
  const { spawn } = await import('node:child_process');
  const child = spawn(fileURLToPath(node24), [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
  // A terminal sends its signals to both processes; others are passed on. The exit code is the child's.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    console.error('providercall: run npm ci first, or use Node 22.18 or later');
    process.exit(1);
  });
  child.on('exit', (code) => process.exit(code ?? 1));
}
