import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative } from 'node:path';

/** The project's root. */
export const ROOT = join(import.meta.dirname, '../../..');

const CACHE = join(ROOT, 'node_modules/.cache/provider-call');

/** Milliseconds after which an unused result is deleted; each change to the sources produces another one. */
const MAX_UNUSED_MS = 2 * 24 * 3_600_000;

/** Something that the local system builds from the project's sources. */
export type Build = {
  name: string;
  /** The files and directories that the result depends on, relative to the project's root. */
  inputs: readonly string[];
  /** Writes the result into an empty directory. */
  make(directory: string): void | Promise<void>;
};

/**
 * Returns the directory with the result of a build. The build runs only if an input has changed since the last one,
 * because it takes seconds.
 *
 * @throws any error from `make`, in which case nothing is cached
 */
export async function cachedBuild({ name, inputs, make }: Build): Promise<string> {
  const directory = join(CACHE, `${name}-${hashOf(inputs)}`);
  if (!existsSync(directory)) await makeInto(directory, make);
  const now = new Date();
  utimesSync(directory, now, now);
  for (const other of readdirSync(CACHE).map((entry) => join(CACHE, entry))) {
    // Another process may clean up at the same time.
    const usedAt = statSync(other, { throwIfNoEntry: false })?.mtimeMs;
    if (usedAt !== undefined && now.getTime() - usedAt > MAX_UNUSED_MS) {
      rmSync(other, { recursive: true, force: true });
    }
  }
  return directory;
}

async function makeInto(directory: string, make: Build['make']): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  const remove = () => rmSync(unfinished, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    await make(unfinished);
    renameSync(unfinished, directory);
  } catch (error) {
    remove();
    // Another process has built the same result in the meantime.
    if (!existsSync(directory)) throw error;
  } finally {
    process.off('exit', remove);
  }
}

function hashOf(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(filesBelow).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 32);
}

/** Returns the files of a directory and its subdirectories, or the file itself. */
function filesBelow(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}
