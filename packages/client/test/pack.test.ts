import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROVIDER_CALL_EXAMPLE } from '../../../contract/examples.ts';
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

const NODES = [
  ['the machine’s Node', ['env', `PATH=${machinePath}`, 'node']],
  ['Node 24', [process.execPath]],
] as const;

test.each(NODES)('the packed package runs on %s', async (_, [program, ...args]) => {
  await writeFile(
    join(consumer, 'run.mjs'),
    `import { createProviderCallClient, UnexpectedResponseError, warningsOf } from '@provider-call/client';
     const fetch = async (request) => new Response('null', { status: request.url.endsWith('/x') ? 200 : 500 });
     const client = createProviderCallClient({ baseUrl: 'http://127.0.0.1/v1.0', token: 't', fetch });
     const error = await client.getProviderCall('x').catch((error) => error);
     console.log(error instanceof UnexpectedResponseError, warningsOf({ destinations: [] })[0].code);`,
  );
  const { stdout } = await run(program, [...args, 'run.mjs'], { cwd: consumer });
  expect(stdout).toBe('true no_source\n');
});

test.each(NODES)('the README’s example runs with the packed package on %s', async (_, [program, ...args]) => {
  const server = createServer(respondAsApi);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const example = (await readExample()).replace('127.0.0.1:3000', `127.0.0.1:${address.port}`);
  await writeFile(join(consumer, 'example.mjs'), example);
  const env = { ...process.env, TOKEN: 'token' };
  const { stdout } = await run(program, [...args, 'example.mjs'], { cwd: consumer, env });
  server.close();
  expect(stdout).toBe('+821012345678 ringing\n');
});

/** Returns the README's example, which needs no types and so is JavaScript, too. */
async function readExample(): Promise<string> {
  const readme = await readFile(join(installed(), 'README.md'), 'utf8');
  const [, example] = /^```ts\n([\s\S]*?)^```/m.exec(readme) ?? [];
  if (example === undefined) throw new Error('the README has no example');
  return example;
}

/** Responds to the example's requests: a create with one call, and that call. */
function respondAsApi({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
  const isCreate = method === 'POST' && url === '/v1.0/providercalls';
  const isCall = method === 'GET' && url === '/v1.0/calls/c1';
  const isAuthorized = headers.authorization === 'Bearer token';
  response.writeHead((isCreate || isCall) && isAuthorized ? 200 : 500, {
    'Content-Type': 'application/json',
  });
  response.end(
    JSON.stringify(
      isCreate
        ? { ...PROVIDER_CALL_EXAMPLE, call_ids: ['c1'] }
        : { id: 'c1', status: 'ringing', destination: { type: 'tel', target: '+821012345678' } },
    ),
  );
}

test('the packed types and the README’s example are checked in a project of their own', async () => {
  await writeFile(
    join(consumer, 'use.mts'),
    `import { createProviderCallClient, type ProviderCall } from '@provider-call/client';
     const client = createProviderCallClient({ baseUrl: '', token: '' });
     export const record: ProviderCall = (await client.getProviderCall('x')).record;
     // @ts-expect-error: a misspelt option is found
     export const page = client.listProviderCalls({ pageSze: 1 });`,
  );
  await writeFile(join(consumer, 'example.mts'), await readExample());
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom',
    '--typeRoots',
    join(REPOSITORY, 'node_modules/@types'),
    '--types',
    'node',
  ];
  const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
  await run(tsc, [...options, 'use.mts', 'example.mts'], { cwd: consumer }).catch(
    ({ stdout, message }: { stdout: string; message: string }) => expect.unreachable(stdout || message),
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
