import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { expect, inject, test } from 'vitest';
import { NODE_NAMES, runCommand } from './packed-command.ts';

function installed() {
  return join(inject('cliFolder'), 'node_modules/@provider-call/cli');
}

test('the package bundles our own packages and depends only on published ones', async () => {
  const manifest = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toEqual(['@bomb.sh/tab', 'ajv', 'commander']);
  expect(await readdir(join(inject('cliFolder'), 'node_modules/@provider-call'))).toEqual(['cli']);
  for (const file of await readdir(join(installed(), 'dist'))) {
    expect(await readFile(join(installed(), 'dist', file), 'utf8'), file).not.toMatch(
      /(from|import) ?\(?["']@provider-call/,
    );
  }
});

test('publint reports nothing about the packed command', async () => {
  const { messages } = await publint({ pkgDir: installed(), pack: false, strict: true });
  expect(messages).toEqual([]);
});

test.each(NODE_NAMES)('the packed command runs on %s', async (node) => {
  expect(await runCommand(node, ['--version'])).toEqual({ exitCode: 0, stdout: '0.1.0\n', stderr: '' });
});
