import { createHmac } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Credential } from '@provider-call/client';
import { codeOf } from './arguments.ts';
import { CliError, EXIT } from './cli-error.ts';

/** Where the API and the platform are, and the credential for them. */
export type Configuration = {
  /** With the version prefix. */
  url: string;
  platformUrl: string;
  credential: Credential;
  /** Where the credential comes from. */
  source: 'environment' | 'login' | 'local';
};

/** What `login` stores. */
export type StoredLogin = { url: string; platformUrl?: string; token?: string; accessKey?: string };

/** Text that can be sent as a credential. The error of a client that rejects any other would quote it. */
const SENDABLE = /^[\x21-\x7e]*$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The same key as in `functions/auth/development-key.ts`: published, only for `npm start`, and accepted by no deployed
 * stage.
 */
export const DEVELOPMENT_KEY = 'provider-call-development-key-not-for-any-deployed-stack';
/** The seeded customer and agent of `npm start`. */
export const LOCAL_AGENT = {
  id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
  customer_id: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
};

/**
 * Returns the configuration: the environment first, then what `login` stored, then `npm start` on this machine, for which
 * no credential is needed.
 *
 * A stored credential is sent only to the URL it was stored for.
 *
 * @throws {CliError} 4 when there is no credential for the URL, or one that cannot be sent; 2 when a URL or PORT cannot be
 *   read
 */
export async function readConfiguration(environment: Environment): Promise<Configuration> {
  const stored = await readLogin(environment);
  const named = environment['PROVIDERCALL_URL'];
  const url =
    named === undefined || named === ''
      ? (stored?.url ?? `http://127.0.0.1:${localPort(environment['PORT'])}/v1.0`)
      : baseUrlOf('PROVIDERCALL_URL', named);
  const isStoredUrl = stored?.url === url;
  const namedPlatform = environment['PROVIDERCALL_PLATFORM_URL'];
  const platformUrl =
    namedPlatform === undefined || namedPlatform === ''
      ? ((isStoredUrl ? stored.platformUrl : undefined) ?? url)
      : baseUrlOf('PROVIDERCALL_PLATFORM_URL', namedPlatform);

  for (const name of ['PROVIDERCALL_TOKEN', 'PROVIDERCALL_ACCESS_KEY']) {
    if (!SENDABLE.test(environment[name] ?? '')) {
      throw new CliError(
        EXIT.credential,
        `${name} has a space, a line break or another character that a credential cannot have`,
      );
    }
  }
  const fromEnvironment = credentialOf({
    token: environment['PROVIDERCALL_TOKEN'],
    accessKey: environment['PROVIDERCALL_ACCESS_KEY'],
  });
  if (fromEnvironment !== undefined) {
    return { url, platformUrl, credential: fromEnvironment, source: 'environment' };
  }
  const fromLogin = isStoredUrl ? credentialOf(stored) : undefined;
  if (fromLogin !== undefined) return { url, platformUrl, credential: fromLogin, source: 'login' };
  if (isLoopback(url) && isLoopback(platformUrl)) {
    const key = environment['JWT_KEY'] || DEVELOPMENT_KEY;
    return { url, platformUrl, credential: { token: () => localToken(key, new Date()) }, source: 'local' };
  }
  throw new CliError(
    EXIT.credential,
    `no credential for ${url}: set PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY, or run providercall login`,
  );
}

/** Returns the port that npm start has with this PORT. */
function localPort(text: string | undefined): number {
  if (text === undefined || text === '') return 3000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new CliError(EXIT.usage, 'PORT must be the port of npm start, a number from 1 to 65535');
  }
  return port;
}

function credentialOf({
  token,
  accessKey,
}: {
  token?: string | undefined;
  accessKey?: string | undefined;
}): Credential | undefined {
  if (token !== undefined && token !== '') return { token };
  return accessKey === undefined || accessKey === '' ? undefined : { accessKey };
}

/**
 * Returns a base URL with a version prefix: `/v1.0` if it has no path.
 *
 * @throws {CliError} 2 when it is not an HTTP URL
 */
export function baseUrlOf(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new CliError(EXIT.usage, `${name} must be a URL such as https://api.example.com/v1.0`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/v1.0' : path}`;
}

function isLoopback(url: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(url).hostname);
}

/** Returns a super-admin's token as `npm run token` prints it, for one hour. */
export function localToken(key: string, now: Date): string {
  const expire = new Date(now.getTime() + 3_600_000).toISOString().replace('Z', '000Z');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({
    type: 'agent',
    expire,
    agent: { ...LOCAL_AGENT, username: 'local', permission: 1 },
  })}`;
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
}

/** Returns the file that `login` writes. */
export function loginFile(environment: Environment): string {
  const folder = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homedir(), '.config');
  return join(folder, 'providercall', 'login.json');
}

async function readLogin(environment: Environment): Promise<StoredLogin | undefined> {
  const file = loginFile(environment);
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isStoredLogin(stored)) return stored;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
  }
  throw new CliError(EXIT.credential, `${file} cannot be read: run providercall login again, or remove it`);
}

function isStoredLogin(value: unknown): value is StoredLogin {
  return (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    typeof value.url === 'string' &&
    URL.canParse(value.url) &&
    ['platformUrl', 'token', 'accessKey'].every((name) => {
      const field: unknown = Reflect.get(value, name);
      return field === undefined || (typeof field === 'string' && SENDABLE.test(field));
    }) &&
    (!('platformUrl' in value) || URL.canParse(String(value.platformUrl)))
  );
}

/**
 * Stores a login so that only this user can read it (mode 0600), replacing an earlier one. Returns the file.
 *
 * @throws {CliError} 15 when the file cannot be written
 */
export async function writeLogin(environment: Environment, login: StoredLogin): Promise<string> {
  const file = loginFile(environment);
  const fresh = `${file}.${process.pid}`;
  try {
    await makeFolder(dirname(file));
    await writeFile(fresh, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new CliError(
      EXIT.local,
      `${file} cannot be written (${error.code}): set XDG_CONFIG_HOME to another folder, or PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY instead`,
      { cause: error },
    );
  }
  return file;
}

/**
 * Creates a folder and those above it. One at a time, because `mkdir` with `recursive` never returns on a file system that
 * does not allow folders (`/proc`).
 */
async function makeFolder(folder: string, isRetry = false): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || isRetry) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder, true);
  }
}

/** Removes what `login` stored. */
export async function removeLogin(environment: Environment): Promise<void> {
  await rm(loginFile(environment), { force: true });
}
