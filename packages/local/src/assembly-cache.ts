import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

/** Everything that the synthesis of stage `local` reads: the stack, what it bundles, and the tools it does it with. */
const inputs = [
  '{functions,lib}/**/*.ts',
  'packages/{sip,platform}/src/**/*.ts',
  'packages/local/src/synthesize.ts',
  'package-lock.json',
  'tsconfig.json',
];

const root = join(import.meta.dirname, '../../..');
const cache = join(root, 'node_modules/.cache/provider-call');

/** An assembly that no start has used for so long goes, in milliseconds; each change of the sources makes another. */
const keptMs = 2 * 24 * 3_600_000;

/**
 * The directory of the synthesized stack of stage `local`. It is synthesized when anything that it is made from has
 * changed since; loading the CDK and bundling take some seconds, reading what they made takes none.
 */
export async function localAssembly(): Promise<string> {
  const directory = join(cache, hashOf(inputs));
  if (!existsSync(directory)) await synthesizeInto(directory);
  const now = new Date();
  utimesSync(directory, now, now);
  for (const other of globSync(join(cache, '*'))) {
    if (now.getTime() - statSync(other).mtimeMs > keptMs) rmSync(other, { recursive: true, force: true });
  }
  return directory;
}

async function synthesizeInto(directory: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  const { synthesizeLocal } = await import('./synthesize.ts');
  try {
    synthesizeLocal(unfinished);
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process has made the same in the meantime.
    if (!existsSync(directory)) throw error;
  }
}

function hashOf(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of globSync([...patterns], { cwd: root }).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 32);
}
