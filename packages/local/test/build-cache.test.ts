import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Build, cachedBuild, ROOT } from '../src/build-cache.ts';

// Inputs are named relative to the project's root, so they lie below it.
let directory: string;
const made: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(ROOT, 'node_modules/.cache/build-cache-test-'));
  writeFileSync(join(directory, 'a.txt'), 'one');
});
afterEach(() => {
  for (const path of [directory, ...made.splice(0)]) rmSync(path, { recursive: true, force: true });
});

async function build(make: Build['make'] = copy): Promise<string> {
  const path = await cachedBuild({ name: 'test', inputs: [relative(ROOT, directory)], make });
  made.push(path);
  return path;
}

function copy(into: string): void {
  writeFileSync(join(into, 'result'), readFileSync(join(directory, 'a.txt')));
}

test('a build is made once while its inputs stay the same', async () => {
  const first = await build();
  const second = await build(() => {
    throw new Error('made again');
  });
  expect([second, readFileSync(join(second, 'result'), 'utf8')]).toEqual([first, 'one']);
});

test.each([
  ['content', () => writeFileSync(join(directory, 'a.txt'), 'two')],
  ['name', () => writeFileSync(join(directory, 'b.txt'), 'one')],
])('a build is made again when the %s of an input changes', async (_, change) => {
  const first = await build();
  change();
  expect(await build()).not.toBe(first);
});

test('a build that fails is tried again by the next one', async () => {
  const failed = build((into) => {
    writeFileSync(join(into, 'result'), 'half');
    throw new Error('out of space');
  });
  await expect(failed).rejects.toThrow('out of space');
  expect(readFileSync(join(await build(), 'result'), 'utf8')).toBe('one');
});

test('two builds at the same time both have the result', async () => {
  const [one, other] = await Promise.all([build(), build()]);
  expect([other, readFileSync(join(one, 'result'), 'utf8')]).toEqual([one, 'one']);
});
