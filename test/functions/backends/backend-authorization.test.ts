import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { createBackend } from '../../../functions/backends/backend.ts';
import {
  type BackendAuthorizationSettings,
  createBackendAuthorization,
} from '../../../functions/backends/backend-authorization.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';

const server = await startBackend();
const secrets = await startBackend();
const scope = createRequestScope('request-1');
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend';

beforeEach(() => {
  server.forget();
  secrets.forget();
  server.respond = jsonResponse(200, {});
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.url);
});
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function backendWith(settings: BackendAuthorizationSettings) {
  return createBackend({
    name: 'call',
    url: new URL(server.url),
    authorization: createBackendAuthorization(settings),
    timeoutMs: 5_000,
  });
}
const POST = { method: 'POST', path: '/v1/calls?a=1', body: { a: 1 } } as const;
function sentAuthorizations() {
  return server.received.map(({ headers }) => headers.authorization);
}

test('the kind none sends no authorization', async () => {
  await backendWith({ kind: 'none' }).send(scope, POST);
  expect(sentAuthorizations()).toEqual([undefined]);
});

test('the kind sigv4 signs the request as one to a function URL', async () => {
  await backendWith({ kind: 'sigv4' }).send(scope, POST);
  expect(sentAuthorizations()).toEqual([
    expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request, /,
    ),
  ]);
  expect(server.received[0]).toMatchObject({ path: '/v1/calls?a=1', body: { a: 1 } });
});

test('the kind bearer sends the secret, read once, and after a 401 reads it again for the next request, a minute later at the earliest', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  let current = 'first';
  secrets.respond = (response, request) => jsonResponse(200, { SecretString: current })(response, request);
  const backend = backendWith({ kind: 'bearer', secretArn: SECRET_ARN });
  await backend.send(scope, POST);
  await backend.send(scope, POST);
  expect(sentAuthorizations()).toEqual(['Bearer first', 'Bearer first']);
  expect(secrets.received.map(({ body }) => body)).toEqual([{ SecretId: SECRET_ARN }]);

  current = 'second';
  server.respond = jsonResponse(401, {});
  await backend.send(scope, POST);
  await backend.send(scope, POST);
  expect(secrets.received).toHaveLength(1);
  vi.setSystemTime(Date.now() + 60_000);
  await backend.send(scope, POST);
  server.respond = jsonResponse(200, {});
  await backend.send(scope, POST);
  expect(secrets.received).toHaveLength(2);
  expect(sentAuthorizations().slice(2)).toEqual([
    'Bearer first',
    'Bearer first',
    'Bearer first',
    'Bearer second',
  ]);
});

test('a secret that cannot be read fails the request before it is sent', async () => {
  secrets.respond = jsonResponse(400, { __type: 'AccessDeniedException' });
  await expect(
    backendWith({ kind: 'bearer', secretArn: SECRET_ARN }).send(scope, POST),
  ).rejects.toMatchObject({
    outcome: 'nothing-done',
  });
  expect(server.received).toEqual([]);
});
