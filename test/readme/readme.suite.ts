import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';

/*
 * The README as a new user follows it: its shell blocks, pasted in order into one shell, against `npm start` on port 3000,
 * on the machine's own Node.
 */

const ROOT = join(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The PATH of a new user's shell, without what npm and vitest have added. */
const path = process.env['PATH']
  ?.split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

const home = mkdtempSync(join(tmpdir(), 'provider-call-readme-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function blocksOf(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) =>
    String(block),
  );
}

/** Starts the system on the README's port. Stops it when disposed of. */
async function startSystem(): Promise<AsyncDisposable> {
  const process = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { PATH: path, HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const ready = Promise.withResolvers<void>();
  process.stdout.on('data', (chunk) => {
    printed += chunk;
    if (/^ready /m.test(printed)) ready.resolve();
  });
  process.once('exit', () => ready.reject(new Error(`npm start did not get ready:\n${printed}`)));
  await ready.promise;
  return {
    async [Symbol.asyncDispose]() {
      process.kill('SIGTERM');
      if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    },
  };
}

test("the README's shell blocks work when they are pasted in order", async () => {
  const [install, ...blocks] = blocksOf('sh');
  expect(install).toContain('npm ci && npm start');
  expect(blocks.length).toBeGreaterThan(5);
  await using _system = await startSystem();
  const shell = spawn('bash', ['-euo', 'pipefail'], {
    cwd: ROOT,
    env: { PATH: path, HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  shell.stdin.end(blocks.join('\n'));
  const [stdout, stderr, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'exit'),
  ]);
  expect(status, stderr + stdout).toBe(0);
  expect(stdout).not.toContain('"error"');
  // The command's verdict, curl's record, the ladder, and the client's example.
  expect(stdout).toMatch(/answered, 200 OK/);
  expect(stdout).toMatch(/"tm_delete":"\d{4}-/);
  expect(stdout).toContain('INVITE');
  expect(stdout).toMatch(/call [0-9a-f-]{36} is \w+/);
});

test("the README's client example is the file that `npm run example` runs", () => {
  expect(blocksOf('ts')).toEqual([readFileSync(join(ROOT, 'docs/examples/place-a-call.ts'), 'utf8')]);
});
