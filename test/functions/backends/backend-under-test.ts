import { beforeEach } from 'vitest';
import { createBackend } from '../../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../../functions/backends/backend-authorization.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startBackend } from '../backend-server.ts';

/**
 * Starts a backend client and a server that acts as its backend. Called once in a file; requests are forgotten
 * before each test.
 */
export async function startBackendUnderTest() {
  const server = await startBackend();
  beforeEach(() => server.forget());
  return {
    server,
    scope: createRequestScope('request-1'),
    backend: createBackend({
      name: 'test',
      url: new URL(server.url),
      authorization: createBackendAuthorization({ kind: 'none' }),
      timeoutMs: 5_000,
    }),
    /** The requests that the server has received. */
    sent: () =>
      server.received.map(({ method, path, body, headers }) => ({
        method,
        path,
        body,
        key: headers['idempotency-key'],
      })),
  };
}
