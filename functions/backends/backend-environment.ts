import * as z from 'zod/mini';
import { readEnvironment } from '../environment.ts';
import { timeLimits } from '../provider-calls/time-limits.ts';
import { createBackend } from './backend.ts';
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

const urlOf = (variable: string): URL =>
  new URL(readEnvironment(z.object({ [variable]: z.url('must be a URL') }))[variable] ?? '');

/** Clients of the backends by `<NAME>_BACKEND_URL`, with what BACKEND_AUTH and BACKEND_SECRET_ARN say of their trust. */
export const backendsFromEnvironment = () => {
  const authorization = readEnvironment(authorizationVariables);
  const backend = (name: string, variable: string, timeoutMs: number) =>
    createBackend({ name, url: urlOf(variable), authorization, timeoutMs });
  return {
    route: () => backend('route', 'ROUTE_BACKEND_URL', timeLimits.routeBackend),
    flow: () => backend('flow', 'FLOW_BACKEND_URL', timeLimits.flowBackend),
    call: () => backend('call', 'CALL_BACKEND_URL', timeLimits.callBackend),
  };
};
