import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { signJwt } from './auth/sign-jwt.ts';
import { startAuthorizer } from './authorizer-under-test.ts';
import { refusedUrl } from './backend-server.ts';
import { captureOutput, parseLine } from './log-lines.ts';
import { IDS } from './provider-calls/sample-record.ts';

const CURRENT = 'current-signing-key-of-32-bytes!';
const PREVIOUS = 'previous-signing-key-of-32-bytes';
const authorizer = await startAuthorizer(JSON.stringify({ current: CURRENT, previous: [PREVIOUS] }));
const { methodArn, handle } = authorizer;
const accessKey = `vb_${'K'.repeat(43)}`;
await authorizer.storeAccessKey(accessKey, {
  id: 'a0000000-0000-4000-8000-000000000001',
  customer_id: IDS.customer,
  permission: 1,
});

function tokenFor(permission: number, changes: object = {}) {
  return signJwt(
    {
      type: 'agent',
      expire: new Date(Date.now() + 60_000).toISOString().replace('Z', '000Z'),
      agent: { id: IDS.agent, customer_id: IDS.customer, username: 'admin', permission },
      ...changes,
    },
    CURRENT,
  );
}
function bearer(token: string) {
  return { headers: { Authorization: [`Bearer ${token}`] } };
}
function policy(Effect: 'Allow' | 'Deny') {
  return {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }],
  };
}

beforeEach(() => authorizer.dynamodb.forget());

test('authorize allows exactly the requested method to a super-admin’s token, and passes on its owner', async () => {
  const output = captureOutput();
  expect(await handle(bearer(tokenFor(1)))).toEqual({
    principalId: IDS.agent,
    policyDocument: policy('Allow'),
    context: { customer_id: IDS.customer, actor_type: 'agent', actor_id: IDS.agent },
  });
  expect(authorizer.dynamodb.operations).toEqual([]);
  expect(authorizer.secrets.received).toHaveLength(1);
  // The function that handles the request logs who sent it.
  expect(output).toEqual([]);
});

test('authorize allows an access key, by one consistent read', async () => {
  const output = captureOutput();
  expect(await handle({ query: { accesskey: [accessKey] } })).toEqual({
    principalId: 'a0000000-0000-4000-8000-000000000001',
    policyDocument: policy('Allow'),
    context: {
      customer_id: IDS.customer,
      actor_type: 'accesskey',
      actor_id: 'a0000000-0000-4000-8000-000000000001',
    },
  });
  expect(authorizer.dynamodb.operations).toEqual(['GetItem']);
  expect(output).toEqual([]);
});

test('a revoked access key is rejected from the next request on', async () => {
  captureOutput();
  const key = `vb_${'R'.repeat(43)}`;
  const item = { id: 'a0000000-0000-4000-8000-000000000002', customer_id: IDS.customer, permission: 1 };
  await authorizer.storeAccessKey(key, item);
  await handle({ query: { accesskey: [key] } });
  await authorizer.storeAccessKey(key, { ...item, tm_delete: '2026-04-21 23:15:00.000000' });
  await expect(handle({ query: { accesskey: [key] } })).rejects.toThrow(/^Unauthorized$/);
});

describe('authorize denies, with the reason for the gateway’s response,', () => {
  test.each([
    ['a token without the bit', tokenFor(0x20), 'PERMISSION_DENIED'],
    ['a direct token', tokenFor(1, { type: 'direct' }), 'DIRECT_ACCESS_NOT_SUPPORTED'],
    ['a delegate token', tokenFor(1, { type: 'delegate' }), 'PERMISSION_DENIED'],
  ])('%s', async (_what, token, reason) => {
    const output = captureOutput();
    expect(await handle(bearer(token))).toEqual({
      principalId: 'denied',
      policyDocument: policy('Deny'),
      context: { reason, message: expect.stringMatching(/./) },
    });
    expect(output.map(parseLine)).toMatchObject([
      { level: 'info', status: 403, reason, Function: 'authorize' },
    ]);
  });
});

test('authorize throws the one word that causes a 401, and only the log names the cause', async () => {
  const output = captureOutput();
  await expect(handle(bearer('abc'))).rejects.toThrow(/^Unauthorized$/);
  expect(output.map(parseLine)).toMatchObject([
    {
      level: 'info',
      status: 401,
      reason: 'AUTHENTICATION_REQUIRED',
      credential: 'malformed',
      error: expect.stringMatching(/^PlatformError AUTHENTICATION_REQUIRED at /),
      Function: 'authorize',
    },
  ]);
});

describe('the log line of a 401 names its cause:', () => {
  const expire = (milliseconds: number) =>
    new Date(Date.now() + milliseconds).toISOString().replace('Z', '000Z');
  const seconds = (after: number) => Math.floor(Date.now() / 1000) + after;
  const row = { id: IDS.call, customer_id: IDS.customer, permission: 1 };
  const rows: [string, object][] = [
    [`vb_${'1'.repeat(43)}`, { ...row, tm_expire: '2026-01-01T00:00:00Z' }],
    [`vb_${'2'.repeat(43)}`, { ...row, tm_delete: '2026-01-01 00:00:00' }],
    [`vb_${'3'.repeat(43)}`, { ...row, permission: 'Anneliese' }],
  ];
  const [expiredKey = '', revokedKey = '', malformedKey = ''] = rows.map(([key]) => key);

  test.each<[fault: string, what: string, sent: Parameters<typeof handle>[0]]>([
    ['missing', 'no credential', {}],
    ['repeated', 'two credentials', { query: { token: ['a'], accesskey: ['b'] } }],
    ['repeated', 'a claim twice', bearer(signJwt('{"type":"agent","type":"direct"}', CURRENT))],
    ['malformed', 'no token', bearer('abc')],
    ['malformed', 'another scheme', { headers: { Authorization: ['Basic YTpi'] } }],
    ['malformed', 'a claim of another type', bearer(tokenFor(1, { agent: 'admin' }))],
    ['malformed', 'no access key', { query: { accesskey: ['abc'] } }],
    ['algorithm_not_allowed', 'HS512', bearer(signJwt('{}', CURRENT, { alg: 'HS512' }))],
    ['expired', 'expire in the past', bearer(tokenFor(1, { expire: expire(-60_000) }))],
    ['expired', 'exp in the past', bearer(tokenFor(1, { exp: seconds(-60) }))],
    ['not_yet_valid', 'nbf in the future', bearer(tokenFor(1, { nbf: seconds(3600) }))],
    ['unknown', 'a signature of no key', bearer(signJwt('{}', 'another-signing-key-of-32-bytes!'))],
    ['unknown', 'an unknown access key', { query: { accesskey: [`vb_${'U'.repeat(43)}`] } }],
    ['expired', 'an expired access key', { query: { accesskey: [expiredKey] } }],
    ['revoked', 'a revoked access key', { query: { accesskey: [revokedKey] } }],
    ['malformed_row', 'an access key whose row is malformed', { query: { accesskey: [malformedKey] } }],
  ])('%s for %s', async (fault, _what, sent) => {
    for (const [key, attributes] of rows) await authorizer.storeAccessKey(key, { ...attributes });
    const output = captureOutput();
    await expect(handle(sent)).rejects.toThrow(/^Unauthorized$/);
    expect(output.map(parseLine)).toMatchObject([
      {
        level: fault === 'malformed_row' ? 'warn' : 'info',
        status: 401,
        credential: fault,
      },
    ]);
    expect(output.join()).not.toContain('Anneliese');
  });
});

test('authorize throws internal errors and counts them', async () => {
  const output = captureOutput();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', await refusedUrl());
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(handle({ query: { accesskey: [accessKey] } })).rejects.not.toThrow(/^Unauthorized$/);
  expect(output.map(parseLine)).toMatchObject([{ level: 'error', status: 500, AuthorizerErrors: 1 }]);
});
