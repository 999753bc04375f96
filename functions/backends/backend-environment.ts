import * as z from 'zod/mini';
import { readEnvironment } from '../environment.ts';
import { TIME_LIMITS } from '../provider-calls/ports.ts';
import { type Backend, createBackend } from './backend.ts';
import { createBackendAuthorization } from './backend-authorization.ts';

const authorizationVariables = z.pipe(
  z.discriminatedUnion('BACKEND_AUTH', [
    z.object({ BACKEND_AUTH: z.literal('none') }),
    z.object({ BACKEND_AUTH: z.literal('sigv4') }),
    z.object({ BACKEND_AUTH: z.literal('bearer'), BACKEND_SECRET_ARN: z.string().check(z.minLength(1)) }),
  ]),
  z.transform((variables) =>
    createBackendAuthorization(
      variables.BACKEND_AUTH === 'bearer'
        ? { kind: 'bearer', secretArn: variables.BACKEND_SECRET_ARN }
        : { kind: variables.BACKEND_AUTH },
    ),
  ),
);

type Backends = { route(): Backend; flow(): Backend; call(): Backend };

/**
 * Returns clients of the backends at `<NAME>_BACKEND_URL`, authorized as BACKEND_AUTH and BACKEND_SECRET_ARN say.
 *
 * @throws {Error} with every variable at fault
 */
export function backendsFromEnvironment(): Backends {
  const authorization = readEnvironment(authorizationVariables);
  const backend = (name: string, variable: string, timeoutMs: number) =>
    createBackend({ name, url: urlOf(variable), authorization, timeoutMs });
  return {
    route: () => backend('route', 'ROUTE_BACKEND_URL', TIME_LIMITS.routeBackend),
    flow: () => backend('flow', 'FLOW_BACKEND_URL', TIME_LIMITS.flowBackend),
    call: () => backend('call', 'CALL_BACKEND_URL', TIME_LIMITS.callBackend),
  };
}

function urlOf(variable: string): URL {
  const variables = readEnvironment(z.object({ [variable]: z.url('must be a URL') }));
  return new URL(z.parse(z.string(), variables[variable]));
}
