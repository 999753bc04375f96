import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installPacked } from '../../../test/packed-workspace.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder in which the packed command is installed. */
    cliFolder: string;
  }
}

const PROGRAMS = ['bash', 'zsh', 'fish', 'script'];

/** Packs the command and installs it in an empty folder, once for all suites. */
export default async function requirePrograms(project: TestProject): Promise<() => Promise<void>> {
  for (const program of PROGRAMS) {
    try {
      execFileSync('which', [program]);
    } catch {
      throw new Error(`npm run test:cli needs ${program}: .ci/run installs it`);
    }
  }
  const scratch = await mkdtemp(join(tmpdir(), 'cli-packed-'));
  project.provide('cliFolder', await installPacked('cli', scratch));
  return () => rm(scratch, { recursive: true });
}
