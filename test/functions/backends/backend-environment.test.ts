import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { backendsFromEnvironment } from '../../../functions/backends/backend-environment.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';

const server = await startBackend(jsonResponse(200, {}));

beforeEach(() => {
  vi.stubEnv('ROUTE_BACKEND_URL', `${server.url}/route`);
  vi.stubEnv('FLOW_BACKEND_URL', `${server.url}/flow/`);
  vi.stubEnv('CALL_BACKEND_URL', server.url);
  vi.stubEnv('BACKEND_AUTH', 'none');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('each backend is at its own URL', async () => {
  const backends = backendsFromEnvironment();
  const scope = createRequestScope('request-1');
  for (const backend of [backends.route(), backends.flow(), backends.call()]) {
    await backend.send(scope, { method: 'GET', path: '/v1/x' });
  }
  expect(server.received.map(({ path }) => path)).toEqual(['/route/v1/x', '/flow/v1/x', '/v1/x']);
});

describe('a function does not start, and names what it lacks:', () => {
  test.each([
    ['BACKEND_AUTH', { BACKEND_AUTH: undefined }],
    ['BACKEND_AUTH', { BACKEND_AUTH: 'basic' }],
    ['BACKEND_SECRET_ARN', { BACKEND_AUTH: 'bearer' }],
    ['CALL_BACKEND_URL', { CALL_BACKEND_URL: undefined }],
    ['CALL_BACKEND_URL', { CALL_BACKEND_URL: 'backend' }],
  ])('%s', (variable, changes) => {
    for (const [name, value] of Object.entries(changes)) vi.stubEnv(name, value);
    expect(() => backendsFromEnvironment().call()).toThrow(new RegExp(`^environment: .*${variable}`));
  });

  test('a backend that a function does not use may be absent', () => {
    vi.stubEnv('ROUTE_BACKEND_URL', undefined);
    expect(() => backendsFromEnvironment().call()).not.toThrow();
  });
});
