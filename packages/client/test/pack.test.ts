import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, machinePath } from '../../../test/packed-workspace.ts';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
let scratch: string;
let consumer: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'client-pack-'));
  consumer = await installPacked('client', scratch);
});
afterAll(() => rm(scratch, { recursive: true }));

function installed() {
  return join(consumer, 'node_modules/@provider-call/client');
}

test('the packed package has no dependencies and holds compiled code and types only', async () => {
  const manifest = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  });
  expect(Object.keys(manifest)).not.toContain('dependencies');
  const files = await readdir(installed(), { recursive: true });
  expect(files.filter((file) => !/^dist($|\/.*\.(js|d\.ts)$)/.test(file)).sort()).toEqual([
    'README.md',
    'package.json',
  ]);
});

test('publint reports nothing about the packed package', async () => {
  const { messages } = await publint({ pkgDir: installed(), pack: false, strict: true });
  expect(messages).toEqual([]);
});

test.each([
  ['the machine’s Node', () => ['env', [`PATH=${machinePath}`, 'node']] as const],
  ['Node 24', () => [process.execPath, []] as const],
])('the packed package runs on %s', async (_, command) => {
  await writeFile(
    join(consumer, 'run.mjs'),
    `import { createProviderCallClient, UnexpectedResponseError, warningsOf } from '@provider-call/client';
     const fetch = async (request) => new Response('null', { status: request.url.endsWith('/x') ? 200 : 500 });
     const client = createProviderCallClient({ baseUrl: 'http://127.0.0.1/v1.0', token: 't', fetch });
     const error = await client.getProviderCall('x').catch((error) => error);
     console.log(error instanceof UnexpectedResponseError, warningsOf({ destinations: [] })[0].code);`,
  );
  const [file, args] = command();
  const { stdout } = await run(file, [...args, 'run.mjs'], { cwd: consumer });
  expect(stdout).toBe('true no_source\n');
});

test('the packed types check in a project of their own', async () => {
  await writeFile(
    join(consumer, 'use.mts'),
    `import { createProviderCallClient, type ProviderCall } from '@provider-call/client';
     const client = createProviderCallClient({ baseUrl: '', token: '' });
     export const record: ProviderCall = (await client.getProviderCall('x')).record;
     // @ts-expect-error: a misspelt option is found
     export const page = client.listProviderCalls({ pageSze: 1 });`,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom',
  ];
  await run(join(REPOSITORY, 'node_modules/.bin/tsc'), [...options, 'use.mts'], { cwd: consumer }).catch(
    ({ stdout }: { stdout: string }) => expect(stdout).toBe(''),
  );
});

test('nothing in the package imports a module of Node', async () => {
  const source = join(REPOSITORY, 'packages/client/src');
  for (const file of await readdir(source)) {
    expect(await readFile(join(source, file), 'utf8'), file).not.toMatch(
      /from 'node:|\bBuffer\b|\bprocess\./,
    );
  }
});
