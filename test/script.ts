import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const ROOT = join(import.meta.dirname, '..');

/** A running script whose standard input is closed. */
export type Script = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Starts a script of the project in a separate process, with only PATH and the given variables in its
 * environment.
 */
export function startScript(script: string, variables: Record<string, string>, ...options: string[]): Script {
  return spawn(process.execPath, [join(ROOT, script), ...options], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Returns the lines that `npm start` prints, up to the one that says that it is ready. */
export async function linesUntilReady(child: { stdout: Readable }): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('ready ')) break;
  }
  return lines;
}

/** Returns the output of a script when it has ended, and its exit status. */
export async function outcomeOf(script: Script) {
  const [stdout, stderr, [status]] = await Promise.all([
    text(script.stdout),
    text(script.stderr),
    once(script, 'exit'),
  ]);
  return { stdout, stderr, status };
}
