import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  addProvider,
  checkProvider,
  deleteProvider,
  getProvider,
  listProviders,
  type ProviderFields,
  updateProvider,
} from '../../src/commands/providers.ts';
import { BUSY_PROVIDER, IDS, PROVIDER, page, sessionUnderTest } from '../session-under-test.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('providers are listed with their health', async () => {
  const session = sessionUnderTest({
    'GET /providers': page(PROVIDER, { ...BUSY_PROVIDER, health_checked_at: null }),
  });
  expect(await listProviders(session, {})).toBe(0);
  expect(session.printed).toEqual([
    `${IDS.provider}\tAnswers\t127.0.0.1:5070\t\thealthy\t2026-04-21 23:14:30`,
    `${IDS.busy}\tBusy\t127.0.0.1:5070\t486\thealthy\tnever`,
  ]);
});

test('a provider is shown field by field', async () => {
  const session = sessionUnderTest({ 'GET /providers': page(BUSY_PROVIDER) });
  await getProvider(session, { provider: 'Busy' });
  expect(session.printed).toEqual([
    `id            ${IDS.busy}`,
    'name          Busy',
    'hostname      127.0.0.1:5070',
    'tech_prefix   486',
    'health        healthy, checked 2026-04-21 23:14:30.000000 UTC',
  ]);
});

test.each([
  ['stdin', 'secret\n'],
  // PowerShell writes a byte order mark into a pipe.
  ['stdin with a byte order mark', '\ufeffsecret\r\n'],
])(
  'a provider is added with its headers and a password from %s, which is shown nowhere',
  async (_, input) => {
    const session = sessionUnderTest({ 'POST /providers': PROVIDER }, { input });
    await addProvider(session, {
      hostname: 'sip.example.com',
      name: 'Acme',
      techHeader: ['X-Route: 7', 'X-Empty:'],
      authUsername: 'me',
      authPasswordStdin: true,
      metadata: '{"a":1}',
    });
    expect(await session.sent[0]?.json()).toEqual({
      type: 'sip',
      hostname: 'sip.example.com',
      name: 'Acme',
      tech_headers: { 'X-Route': '7', 'X-Empty': '' },
      auth_username: 'me',
      auth_password: 'secret',
      metadata: { a: 1 },
    });
    expect(`${session.printed}${session.notes}`).not.toContain('secret');
  },
);

test('on a terminal, the password is asked for and not shown', async () => {
  const session = sessionUnderTest({ 'POST /providers': PROVIDER }, { answers: [], hidden: 'secret' });
  await addProvider(session, { hostname: 'h', authPasswordStdin: true });
  expect(session.questions).toEqual(['Password: ']);
  expect(await session.sent[0]?.json()).toMatchObject({ auth_password: 'secret' });
});

test.each([
  [{ techHeader: ['no colon'] }, '--tech-header takes "Name: value", not "no colon"'],
  [{ techHeader: [' : no name\u001b'] }, '--tech-header takes "Name: value", not " : no name\\u001b"'],
  // Names of SIP headers are case-insensitive.
  [
    { techHeader: ['X-Route: 7', 'X-Other: 8', 'x-route : 9'] },
    '--tech-header names x-route twice: a provider has one value for each header',
  ],
  [{ metadata: '{]' }, /^--metadata is not JSON/],
  [{}, 'nothing to change: name at least one option, such as --hostname'],
])('the update %j is a usage error', async (changes, message) => {
  const session = sessionUnderTest({ 'GET /providers': page(PROVIDER) });
  await expect(updateProvider(session, { provider: 'Answers', ...changes })).rejects.toMatchObject({
    exitCode: 2,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('an update sends the options that were named and keeps the other settings', async () => {
  const session = sessionUnderTest({
    'GET /providers': page(BUSY_PROVIDER),
    [`GET /providers/${IDS.busy}`]: BUSY_PROVIDER,
    [`PUT /providers/${IDS.busy}`]: BUSY_PROVIDER,
  });
  await updateProvider(session, { provider: 'Busy', name: 'Engaged' });
  expect(await session.sent.at(-1)?.json()).toEqual({
    type: 'sip',
    hostname: '127.0.0.1:5070',
    tech_prefix: '486',
    tech_postfix: '',
    tech_headers: {},
    codecs: '',
    name: 'Engaged',
    detail: '',
  });
  expect(session.notes).toEqual([]);
});

const CREDENTIALS_NOTE =
  'the response shows no user name for SIP authentication: the platform may not have stored it or the password';
const METADATA_NOTE = 'the response does not show this metadata: the platform may not have stored it';

test.each<[string, ProviderFields, object, string[]]>([
  ['a user name', { authUsername: 'me' }, {}, [CREDENTIALS_NOTE]],
  ['a password', { authPasswordStdin: true }, {}, [CREDENTIALS_NOTE]],
  ['a user name that is shown', { authUsername: 'me' }, { auth_username: 'me' }, []],
  ['a password of a user that is shown', { authPasswordStdin: true }, { auth_username: 'me' }, []],
  ['the removal of a user name', { authUsername: '' }, { auth_username: '' }, []],
  ['metadata', { metadata: '{"a":1}' }, { metadata: null }, [METADATA_NOTE]],
  ['metadata that is shown', { metadata: '{"a":1,"b":2}' }, { metadata: { b: 2, a: 1 } }, []],
])('after %s, a note says what the response does not show', async (_, fields, shown, notes) => {
  const session = sessionUnderTest(
    {
      'GET /providers': page(PROVIDER),
      'POST /providers': { ...PROVIDER, ...shown },
      [`GET /providers/${IDS.provider}`]: PROVIDER,
      [`PUT /providers/${IDS.provider}`]: { ...PROVIDER, ...shown },
    },
    { input: 'secret' },
  );
  await addProvider(session, { hostname: 'h', ...fields });
  expect(session.notes).toEqual(notes);
  await updateProvider(session, { provider: 'Answers', ...fields });
  expect(session.notes).toEqual([...notes, ...notes]);
});

test.each([
  ['a person who says yes', {}, { answers: [true] }, true],
  ['a person who says no', {}, { answers: [false] }, false],
  ['--yes', { yes: true }, {}, true],
  ['neither', {}, {}, false],
])('a provider is deleted only after %s', async (_, changes, options, isDeleted) => {
  const session = sessionUnderTest(
    { 'GET /providers': page(PROVIDER), [`DELETE /providers/${IDS.provider}`]: PROVIDER },
    options,
  );
  const outcome = await deleteProvider(session, { provider: 'Answers', ...changes }).catch(
    ({ exitCode }) => exitCode,
  );
  expect(outcome).toBe(isDeleted ? 0 : 2);
  expect(session.requests.some((line) => line.startsWith('DELETE'))).toBe(isDeleted);
});

test.each([
  ['healthy', 0],
  ['unhealthy', 12],
])('check waits for the next health check: %s', async (health, exitCode) => {
  const session = sessionUnderTest({
    'GET /providers': page(PROVIDER),
    [`GET /providers/${IDS.provider}`]: [
      PROVIDER,
      PROVIDER,
      {
        ...PROVIDER,
        health_status: health,
        health_detail: 'as found',
        health_checked_at: '2026-04-21 23:15:00.000000',
      },
    ],
  });
  const checking = checkProvider(session, { provider: 'Answers', timeout: 90 });
  await vi.runAllTimersAsync();
  expect(await checking).toBe(exitCode);
  expect(session.printed).toContain(
    `health        ${health} (as found), checked 2026-04-21 23:15:00.000000 UTC`,
  );
});

test('check ends after its timeout and says what the last one was', async () => {
  const session = sessionUnderTest({
    'GET /providers': page(PROVIDER),
    [`GET /providers/${IDS.provider}`]: PROVIDER,
  });
  const checking = checkProvider(session, { provider: 'Answers', timeout: 5 }).catch(
    (error: unknown) => error,
  );
  await vi.runAllTimersAsync();
  expect(await checking).toMatchObject({
    exitCode: 20,
    message:
      'there was no health check within 5 s; the last one was at 2026-04-21 23:14:30.000000 UTC: healthy',
  });
});
