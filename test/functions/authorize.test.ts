import { beforeEach, describe, expect, test } from 'vitest';
import { signJwt } from './auth/sign-jwt.ts';
import { startAuthorizer } from './authorizer-under-test.ts';
import { captureOutput, parseLine } from './log-lines.ts';
import { ids } from './provider-calls/sample-record.ts';

const current = 'current-signing-key-of-32-bytes!';
const previous = 'previous-signing-key-of-32-bytes';
const authorizer = await startAuthorizer(JSON.stringify({ current, previous: [previous] }));
const { methodArn, handle } = authorizer;
const accessKey = `vb_${'K'.repeat(43)}`;
await authorizer.storeAccessKey(accessKey, { id: 'key-1', customer_id: ids.customer, permission: 1 });

const tokenFor = (permission: number, changes: object = {}) =>
  signJwt(
    {
      type: 'agent',
      expire: new Date(Date.now() + 60_000).toISOString().replace('Z', '000Z'),
      agent: { id: ids.agent, customer_id: ids.customer, username: 'admin', permission },
      ...changes,
    },
    current,
  );
const bearer = (token: string) => ({ headers: { Authorization: [`Bearer ${token}`] } });
const policy = (Effect: 'Allow' | 'Deny') => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }],
});

beforeEach(() => authorizer.dynamodb.forget());

test('authorize allows a super-admin’s token exactly the requested method, and passes on whose it is', async () => {
  const output = captureOutput();
  expect(await handle(bearer(tokenFor(1)))).toEqual({
    principalId: ids.agent,
    policyDocument: policy('Allow'),
    context: { customer_id: ids.customer, actor_type: 'agent', actor_id: ids.agent },
  });
  expect(authorizer.dynamodb.operations).toEqual([]);
  expect(authorizer.secrets.received).toHaveLength(1);
  expect(output.map(parseLine)).toEqual([
    {
      level: 'info',
      request_id: 'gateway-request-1',
      route: 'GET /v1.0/providercalls',
      status: 200,
      customer_id: ids.customer,
      actor: `agent:${ids.agent}`,
      Stage: 'test',
      Function: 'authorize',
      Requests: 1,
      AuthorizerErrors: 0,
    },
  ]);
});

test('authorize allows an access key, by one consistent read', async () => {
  const output = captureOutput();
  expect(await handle({ query: { accesskey: [accessKey] } })).toEqual({
    principalId: 'key-1',
    policyDocument: policy('Allow'),
    context: { customer_id: ids.customer, actor_type: 'accesskey', actor_id: 'key-1' },
  });
  expect(authorizer.dynamodb.operations).toEqual(['GetItem']);
  expect(output.map(parseLine)).toMatchObject([{ status: 200, actor: 'accesskey:key-1' }]);
});

test('revoking an access key ends it with the next request', async () => {
  captureOutput();
  const key = `vb_${'R'.repeat(43)}`;
  const item = { id: 'key-2', customer_id: ids.customer, permission: 1 };
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
      { level: 'info', status: 403, reason, AuthorizerErrors: 0 },
    ]);
  });
});

test('authorize throws the one word that causes a 401, and only the log says why', async () => {
  const output = captureOutput();
  await expect(handle(bearer('abc'))).rejects.toThrow(/^Unauthorized$/);
  expect(output.map(parseLine)).toMatchObject([
    {
      level: 'info',
      status: 401,
      reason: 'AUTHENTICATION_REQUIRED',
      error: expect.stringContaining('the token is not a JWT'),
      AuthorizerErrors: 0,
    },
  ]);
});

test('authorize rethrows a failure of ours as it is, and counts it', async () => {
  const output = captureOutput();
  const broken = `vb_${'X'.repeat(43)}`;
  await authorizer.storeAccessKey(broken, { id: 'key-3' });
  await expect(handle({ query: { accesskey: [broken] } })).rejects.not.toThrow(/^Unauthorized$/);
  expect(output.map(parseLine)).toMatchObject([{ level: 'error', status: 500, AuthorizerErrors: 1 }]);
});
