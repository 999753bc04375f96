import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEVELOPMENT_KEY as functionsKey } from '../../../functions/auth/development-key.ts';
import { SEED_IDS } from '../../platform/src/seed.ts';
import {
  baseUrlOf,
  DEVELOPMENT_KEY,
  LOCAL_AGENT,
  localToken,
  loginFile,
  readConfiguration,
  removeLogin,
  writeLogin,
} from '../src/configuration.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cli-home-'));
});
afterEach(() => rm(home, { recursive: true }));

function environment(variables: Record<string, string> = {}) {
  return { HOME: home, ...variables };
}
const REMOTE = 'https://api.example.com/v1.0';

test('without any configuration, the command uses npm start on this machine, with a token of its own', async () => {
  const configuration = await readConfiguration(environment());
  expect(configuration).toMatchObject({ url: 'http://127.0.0.1:3000/v1.0', source: 'local' });
  expect(configuration.platformUrl).toBe(configuration.url);
  expect(await readConfiguration(environment({ PORT: '3210' }))).toMatchObject({
    url: 'http://127.0.0.1:3210/v1.0',
  });
});

test.each(['abc', '0', '65536', '-1', '3000/'])('PORT=%s is a usage error', async (PORT) => {
  await expect(readConfiguration(environment({ PORT }))).rejects.toMatchObject({
    exitCode: 2,
    message: 'PORT must be the port of npm start, a number from 1 to 65535',
  });
});

test.each(['PROVIDERCALL_TOKEN', 'PROVIDERCALL_ACCESS_KEY'])(
  '%s is not repeated by the error when it cannot be sent',
  async (name) => {
    for (const text of ['secret\nsecret', 'secret\r', 'secret secret', 'sécret']) {
      await expect(readConfiguration(environment({ [name]: text }))).rejects.toMatchObject({
        exitCode: 4,
        message: `${name} has a space, a line break or another character that a credential cannot have`,
      });
    }
  },
);

test('the local token is what npm start accepts', async () => {
  expect(DEVELOPMENT_KEY).toBe(functionsKey);
  expect(LOCAL_AGENT).toEqual({ id: SEED_IDS.agent, customer_id: SEED_IDS.customer });
  const now = new Date('2026-04-21T23:15:00Z');
  const { payload } = await jwtVerify(localToken('key', now), new TextEncoder().encode('key'));
  expect(payload).toEqual({
    type: 'agent',
    expire: '2026-04-22T00:15:00.000000Z',
    agent: { ...LOCAL_AGENT, username: 'local', permission: 1 },
  });
});

test('the environment comes before what login stored', async () => {
  await writeLogin(environment(), {
    url: REMOTE,
    platformUrl: 'https://platform.example.com/v1.0',
    token: 'a.b.c',
  });
  expect(await readConfiguration(environment())).toEqual({
    url: REMOTE,
    platformUrl: 'https://platform.example.com/v1.0',
    credential: { token: 'a.b.c' },
    source: 'login',
  });
  expect(
    await readConfiguration(
      environment({
        PROVIDERCALL_ACCESS_KEY: 'vb_1',
        PROVIDERCALL_PLATFORM_URL: 'https://other.example.com',
      }),
    ),
  ).toEqual({
    url: REMOTE,
    platformUrl: 'https://other.example.com/v1.0',
    credential: { accessKey: 'vb_1' },
    source: 'environment',
  });
});

test.each([
  ['another API', { PROVIDERCALL_URL: 'https://evil.example.com' }],
  ['another port', { PROVIDERCALL_URL: 'https://api.example.com:8443' }],
])('a stored credential is not sent to %s', async (_, variables) => {
  await writeLogin(environment(), { url: REMOTE, token: 'a.b.c' });
  await expect(readConfiguration(environment(variables))).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      /^no credential for https:.*: set PROVIDERCALL_TOKEN .* or run providercall login$/,
    ),
  });
});

test('the development key signs nothing for another machine, whether API or platform', async () => {
  for (const name of ['PROVIDERCALL_URL', 'PROVIDERCALL_PLATFORM_URL']) {
    await expect(readConfiguration(environment({ [name]: REMOTE }))).rejects.toMatchObject({ exitCode: 4 });
  }
});

test('a login is readable by its user only, even if it replaces a file that everybody could read', async () => {
  const file = loginFile(environment());
  await mkdir(join(home, '.config/providercall'), { recursive: true });
  await writeFile(file, '{}', { mode: 0o644 });
  expect(await writeLogin(environment(), { url: REMOTE, accessKey: 'vb_1' })).toBe(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: REMOTE, accessKey: 'vb_1' });
  await removeLogin(environment());
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each([
  ['/proc', 'ENOENT'],
  ['/dev/null', 'ENOTDIR'],
])('a login that cannot be written to %s is reported with what to do', async (folder, code) => {
  await expect(
    writeLogin(environment({ XDG_CONFIG_HOME: folder }), { url: REMOTE, token: 'a.b.c' }),
  ).rejects.toMatchObject({
    exitCode: 15,
    message: `${folder}/providercall/login.json cannot be written (${code}): set XDG_CONFIG_HOME to another folder, or PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY instead`,
  });
});

test('a login is stored in a folder that does not exist yet, and neither does its parent', async () => {
  const folder = join(home, 'new/folder');
  const file = await writeLogin(environment({ XDG_CONFIG_HOME: folder }), { url: REMOTE, token: 'a.b.c' });
  expect(file).toBe(join(folder, 'providercall/login.json'));
  expect((await stat(join(home, 'new'))).mode & 0o777).toBe(0o700);
});

test.each([
  '{',
  '[]',
  '{"url": 1}',
  '{"url": "no url"}',
  '{"url": "https://a", "platformUrl": "nowhere"}',
  '{"url": "https://a", "token": 1}',
  '{"url": "https://a", "token": "a\\nb"}',
])('the login file %s is reported with what to do', async (text) => {
  await writeLogin(environment(), { url: REMOTE });
  await writeFile(loginFile(environment()), text);
  await expect(readConfiguration(environment())).rejects.toMatchObject({
    exitCode: 4,
    message: `${loginFile(environment())} cannot be read: run providercall login again, or remove it`,
  });
});

test.each([
  ['https://api.example.com', 'https://api.example.com/v1.0'],
  ['https://api.example.com/', 'https://api.example.com/v1.0'],
  ['https://api.example.com/v1/', 'https://api.example.com/v1'],
  ['http://127.0.0.1:3000/v1.0', 'http://127.0.0.1:3000/v1.0'],
])('the URL %s is used as %s', (text, url) => {
  expect(baseUrlOf('PROVIDERCALL_URL', text)).toBe(url);
});

test.each([
  'api.example.com',
  'ftp://api.example.com',
  'https://me:secret@api.example.com',
  'https://a/?token=x',
  '',
])('the URL "%s" is a usage error', (text) => {
  expect(() => baseUrlOf('PROVIDERCALL_URL', text)).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: 'PROVIDERCALL_URL must be a URL such as https://api.example.com/v1.0',
    }),
  );
});
