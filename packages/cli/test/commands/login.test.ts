import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LoginInput, logIn, logOut } from '../../src/commands/login.ts';
import { loginFile } from '../../src/configuration.ts';
import { apiError, page, sessionUnderTest } from '../session-under-test.ts';

let environment: { HOME: string };
beforeEach(async () => {
  environment = { HOME: await mkdtemp(join(tmpdir(), 'cli-home-')) };
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(environment.HOME, { recursive: true });
});

const claims = Buffer.from('{"expire":"2026-04-22T00:15:00.000000Z"}').toString('base64url');
const token = `eyJhbGciOiJIUzI1NiJ9.${claims}.c2ln`;
const API_URL = 'https://api.example.com/v1.0';

async function loggingIn(
  text: string,
  input: LoginInput = { url: API_URL },
  options: Parameters<typeof sessionUnderTest>[1] = {},
) {
  const requests: Request[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
    if (request instanceof Request) requests.push(request);
    return text.includes('bad') ? apiError(401, 'AUTHENTICATION_REQUIRED') : Response.json(page());
  });
  const session = sessionUnderTest({}, { input: text, ...options });
  const outcome = await logIn({ terminal: session.terminal, environment }, input).catch(
    (error: unknown) => error,
  );
  return { outcome, session, requests };
}

async function stored() {
  return JSON.parse(await readFile(loginFile(environment), 'utf8'));
}

test('a token from stdin is checked and stored for this user only', async () => {
  const { outcome, session, requests } = await loggingIn(`Bearer ${token}\n`, {
    url: API_URL,
    platformUrl: 'https://p.example.com',
  });
  expect(outcome).toBe(0);
  expect(requests[0]?.url).toBe(`${API_URL}/providercalls?page_size=1`);
  expect(await stored()).toEqual({ url: API_URL, platformUrl: 'https://p.example.com/v1.0', token });
  expect((await stat(loginFile(environment))).mode & 0o777).toBe(0o600);
  expect(session.printed).toEqual([
    `credential accepted and stored in ${loginFile(environment)} (only you can read it)`,
    'it expires at 2026-04-22T00:15:00.000000Z',
  ]);
  expect(await logOut({ terminal: session.terminal, environment })).toBe(0);
  await expect(stored()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('on a terminal, the token is asked for and not shown', async () => {
  const { session } = await loggingIn('', { url: API_URL }, { answers: [], hidden: 'vb_key' });
  expect(session.questions).toEqual(['Token or access key: ']);
  expect(await stored()).toEqual({ url: API_URL, accessKey: 'vb_key' });
  expect(`${session.printed}${session.notes}`).not.toContain('vb_key');
});

test.each([
  [
    'hello',
    { url: API_URL },
    { exitCode: 4, message: 'that is neither a token (three parts with dots) nor an access key (vb_…)' },
  ],
  ['', { url: API_URL }, { exitCode: 4 }],
  [
    token,
    {},
    { exitCode: 2, message: 'name the API: providercall login --url https://api.example.com/v1.0' },
  ],
  [token, { url: 'api' }, { exitCode: 2 }],
  ['vb_bad', { url: API_URL }, { reason: 'AUTHENTICATION_REQUIRED' }],
])('nothing is stored for %s', async (text, input, error) => {
  const { outcome } = await loggingIn(text, input);
  expect(outcome).toMatchObject(error);
  await expect(stored()).rejects.toMatchObject({ code: 'ENOENT' });
});
