import { beforeEach } from 'vitest';
import { createBackend } from '../../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../../functions/backends/backend-authorization.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startBackend } from '../backend-server.ts';

/** A backend client at a server that plays its backend. To be started once in a file; what was sent is forgotten before each test. */
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
    /** What the server has received. */
    sent: () =>
      server.received.map(({ method, path, body, headers }) => ({
        method,
        path,
        body,
        key: headers['idempotency-key'],
      })),
  };
}
