import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, startLocal } from '../src/start.ts';

let local: LocalSystem;
beforeAll(async () => {
  local = await startLocal({ backendUrls: { route: 'http://127.0.0.1:1' } });
  afterAll(() => local.close());
});

test('the functions’ variables lead to this run, or to the backend that takes the stand-in’s place', () => {
  const all = {
    AWS_ENDPOINT_URL_DYNAMODB: local.dynamodbEndpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: local.secretsManagerEndpoint,
    URL_SUFFIX: 'amazonaws.com',
  };
  const table = { PROVIDER_CALL_TABLE: expect.stringContaining('ProviderCalls') };
  const backends = { FLOW_BACKEND_URL: local.platformUrl, CALL_BACKEND_URL: local.platformUrl };
  const route = { ROUTE_BACKEND_URL: 'http://127.0.0.1:1' };
  expect(local.functionVariables).toEqual({
    AuthorizeFunction: {
      ...all,
      ACCESS_KEY_TABLE: expect.stringContaining('AccessKeys'),
      SIGNING_KEY_SECRET_ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:/),
    },
    CreateFunction: { ...all, ...table, ...backends, ...route },
    GetFunction: { ...all, ...table },
    ListFunction: { ...all, ...table },
    DeleteFunction: { ...all, ...table },
    ReconcileFunction: { ...all, ...table, ...backends },
    PlatformApiFunction: { ...all, ...backends, ...route },
  });
});

test('the token of a system is valid for a working day', () => {
  const [, claims = ''] = local.token.split('.');
  const { expire } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const hours = (Date.parse(expire) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(11.9);
  expect(Math.abs(Date.parse(expire) - local.tokenExpiresAt.getTime())).toBeLessThan(5_000);
});

test('the site is served only if it is requested', async () => {
  const response = await fetch(`${local.url}/docs`);
  expect([response.status, await response.json()]).toEqual([
    404,
    { error: expect.objectContaining({ reason: 'ROUTE_NOT_FOUND' }) },
  ]);
});

test('a request is reported once it is served, without its query', async () => {
  const requests: unknown[] = [];
  const reporting = await startLocal({ onRequest: (request) => requests.push(request) });
  const response = await fetch(`${reporting.url}/v1.0/providercalls?token=secret`);
  const body = await response.text();
  await reporting.close();
  expect(requests).toEqual([
    {
      method: 'GET',
      path: '/v1.0/providercalls',
      status: 401,
      latencyMs: expect.any(Number),
      requestId: response.headers.get('x-amzn-requestid'),
      body,
    },
  ]);
});

test('a port that is in use is reported', async () => {
  const starting = startLocal({ port: local.port });
  await expect(starting).rejects.toThrow(`port ${local.port} is in use: set PORT to a free one`);
});

test('a start that fails stops what has started', async () => {
  const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  const before = servers();
  await expect(startLocal({ assemblyDirectory: '/nowhere' })).rejects.toThrow('/nowhere');
  await expect.poll(servers).toBe(before);
});
