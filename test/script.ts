import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const ROOT = join(import.meta.dirname, '..');

/** A script under way, its input closed. */
export type Script = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a script of the project as a process of its own, with nothing in its environment but PATH and what the test gives it. */
export function startScript(script: string, variables: Record<string, string>, ...options: string[]): Script {
  return spawn(process.execPath, [join(ROOT, script), ...options], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What a script has said when it has ended, and its exit status. */
export async function outcomeOf(script: Script) {
  const [stdout, stderr, [status]] = await Promise.all([
    text(script.stdout),
    text(script.stderr),
    once(script, 'exit'),
  ]);
  return { stdout, stderr, status };
}
