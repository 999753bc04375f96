import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { jwtVerify } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { DEVELOPMENT_KEY } from '../../../functions/auth/development-key.ts';
import { linesUntilReady, outcomeOf, startScript } from '../../../test/script.ts';
import { freeServerPort } from '../../sip/test/peers/free-port.ts';
import { controlSocket } from '../src/control.ts';
import { createDynamodbClient, LOCAL_AWS } from '../src/dynamodb.ts';

const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

const ROOT = join(import.meta.dirname, '../../..');

async function readyUrl(child: { stdout: Readable }): Promise<string> {
  return (await linesUntilReady(child)).at(-1)?.slice('ready '.length) ?? '';
}

function run(...given: Parameters<typeof startScript>): ReturnType<typeof startScript> {
  const script = startScript(...given);
  running.push(script);
  return script;
}

test('npm start serves what it prints: its commands work as pasted, in order, and Ctrl-C ends it all', async () => {
  const child = run('bin/local.ts', { PORT: '0' });
  const lines = await linesUntilReady(child);
  const url = lines.at(-1)?.slice('ready '.length) ?? '';
  const commands = lines.slice(lines.indexOf(`API=${url}/v1.0`), -1).join('\n');
  const { stdout, stderr } = await promisify(execFile)('sh', ['-euc', commands]);
  const [created, call, busy, list, got, deleted] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(stderr).toBe('');
  expect(created).toMatchObject({ call_ids: [expect.any(String)], tm_delete: null });
  expect(call).toMatchObject({ id: created.call_ids[0], status: 'hangup', hangup_reason: 'normal' });
  expect(busy.call_ids).toHaveLength(1);
  expect(list.result.map(({ id }: { id: string }) => id)).toEqual([created.id]);
  expect(got).toEqual(created);
  expect(deleted).toMatchObject({ id: created.id, tm_delete: expect.any(String) });

  expect(lines[0]).toMatch(new RegExp(`^Console  ${url}/#token=eyJ`));
  const page = await fetch(`${url}/`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="console">')]);

  const port = new URL(url).port;
  const taken = await outcomeOf(run('bin/local.ts', { PORT: port }));
  expect(taken).toEqual({
    stdout: '',
    stderr: `port ${port} is in use: set PORT to a free one\n`,
    status: 1,
  });

  const reconciled = await outcomeOf(run('bin/reconcile.ts', { PORT: port }));
  expect(reconciled).toEqual({
    stdout: 'Nothing was due: every create has finished.\n',
    stderr: '',
    status: 0,
  });

  child.kill('SIGINT');
  const [status, signal] = await once(child, 'exit');
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  await expect(fetch(url)).rejects.toThrow();
  expect(existsSync(controlSocket(Number(port)))).toBe(false);
}, 60_000);

test.each([
  [{ PORT: 'three' }, 'PORT must be a number from 0 to 65535'],
  [{ PORT: '0', CALL_BACKEND_URL: 'calls' }, 'CALL_BACKEND_URL must be an http, https, amqp or amqps URL'],
  // A file system on which `mkdir` with `recursive` never returns.
  [{ PORT: '0', DATA_DIR: '/proc/x' }, 'DATA_DIR /proc/x cannot be written: ENOENT'],
  [{ PORT: '0', DATA_DIR: '/dev/null' }, 'DATA_DIR /dev/null cannot be written: /dev/null is not a folder'],
  [{ PORT: '0', HOST: '192.0.2.1' }, 'HOST 192.0.2.1 is not an address of this machine'],
])('npm start reports in one line what is wrong with %o', async (variables, line) => {
  expect(await outcomeOf(run('bin/local.ts', variables))).toEqual({
    stdout: '',
    stderr: `${line}\n`,
    status: 1,
  });
});

test('npm start reports in one line that DYNAMODB_ENDPOINT does not respond', async () => {
  // A port that was free a moment ago.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  server.close();
  await once(server, 'close');
  const { stderr, status } = await outcomeOf(run('bin/local.ts', { PORT: '0', DYNAMODB_ENDPOINT: endpoint }));
  expect(stderr).toMatch(/^DYNAMODB_ENDPOINT http:\/\/127\.0\.0\.1:\d+ does not respond: .+\n$/);
  expect(status).toBe(1);
});

// npm itself takes a second to start and is not under test: a process takes its place as the parent.
test.each(['SIGTERM', 'SIGKILL'] as const)(
  'npm start ends when its parent is ended by %s',
  async (signal) => {
    const start = `require('node:child_process').spawn(process.execPath, ['bin/local.ts'], { stdio: 'inherit' })`;
    const parent = spawn(process.execPath, ['-e', start], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], PORT: '0', npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(parent);
    const url = await readyUrl(parent);
    parent.kill(signal);
    // The pipe closes with the last process that holds it.
    await text(parent.stdout);
    await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(controlSocket(Number(new URL(url).port)))).toBe(false);
  },
);

test('a signal ends npm start while it is still starting', async () => {
  // A DynamoDB that never responds: the start waits for it.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const child = run('bin/local.ts', { PORT: '0', DYNAMODB_ENDPOINT: endpoint });
  await once(server, 'connection');
  child.kill('SIGINT');
  expect(await outcomeOf(child)).toEqual({ stdout: '', stderr: '', status: 130 });
  server.close();
});

test('a DATA_DIR that takes no more ends npm start in one line that says what to do', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'data-'));
  const child = run('bin/local.ts', { PORT: '0', DATA_DIR: dataDir });
  const [, endpoint] = /DynamoDB (\S+),/.exec((await linesUntilReady(child)).join('\n')) ?? [];
  const ended = Promise.all([text(child.stderr), once(child, 'exit')]);
  await rm(dataDir, { recursive: true });
  const client = createDynamodbClient(endpoint ?? '', LOCAL_AWS);
  let isTaken = true;
  // LevelDB opens another file once it has written four megabytes.
  for (let id = 0; isTaken && id < 100; id += 1) {
    const Item = { [PLATFORM_TABLE.partitionKey]: { S: `${id}` }, text: { S: 'x'.repeat(300_000) } };
    isTaken = await client.send(new PutItemCommand({ TableName: PLATFORM_TABLE.name, Item })).then(
      () => true,
      () => false,
    );
  }
  client.destroy();
  const [stderr, [status]] = await ended;
  expect({ stderr, status }).toEqual({
    stderr: expect.stringMatching(
      new RegExp(
        `^DATA_DIR ${dataDir} cannot be written any more: IO error: .*\\. Correct that and run npm start again; npm run reconcile then settles what was interrupted\n$`,
      ),
    ),
    status: 1,
  });
});

test('npm start continues without its log when the disk behind stdout is full', async () => {
  const port = await freeServerPort();
  const child = spawn('sh', ['-c', 'exec "$0" bin/local.ts > /dev/full', process.execPath], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  await expect.poll(() => stderr).not.toBe('');
  // Each request is a line of the log.
  expect((await fetch(`http://127.0.0.1:${port}/v1.0/providercalls`)).status).toBe(401);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(stderr).toMatch(/^stdout cannot be written \(ENOSPC: .*\): the system continues, .*\n$/);
});

describe('npm run token', () => {
  const claimsOf = async (token: string, key: string) =>
    (await jwtVerify(token.trim(), new TextEncoder().encode(key), { algorithms: ['HS256'] })).payload;

  test('it prints a super-admin’s token for the development key', async () => {
    const { stdout, stderr, status } = await outcomeOf(run('bin/token.ts', {}));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(await claimsOf(stdout, DEVELOPMENT_KEY)).toEqual({
      type: 'agent',
      expire: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      agent: {
        id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
        customer_id: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
        username: 'local',
        permission: 1,
      },
    });
  });

  test('it takes key, permission, customer, agent, type and lifetime', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const options = [
      '--permission',
      '32',
      '--customer',
      id,
      '--agent',
      id,
      '--type',
      'direct',
      '--expires-in',
      '-60',
    ];
    const { stdout } = await outcomeOf(
      run('bin/token.ts', { JWT_KEY: 'my own key, which has 32 bytes at least' }, ...options),
    );
    const claims = await claimsOf(stdout, 'my own key, which has 32 bytes at least');
    expect(claims).toMatchObject({ type: 'direct', agent: { id, customer_id: id, permission: 32 } });
    expect(Date.parse(String(claims['expire']))).toBeLessThan(Date.now());
  });

  test('it reports in one line which options are wrong', async () => {
    const { stderr, status } = await outcomeOf(
      run('bin/token.ts', {}, '--customer', 'x', '--permission', 'all'),
    );
    expect({ stderr, status }).toEqual({
      stderr: '--permission must be a whole number; --customer must be a UUID\n',
      status: 1,
    });
  });
});
