import * as z from 'zod/mini';
import { createBackendAuthorization } from './backend-authorization.ts';

/** A base URL in the environment. */
export const urlVariable = z.pipe(
  z.url('must be a URL'),
  z.transform((text) => new URL(text)),
);

/** BACKEND_AUTH and, for a bearer secret, BACKEND_SECRET_ARN, as the authorization that they ask for. */
export const backendAuthorizationVariables = z.pipe(
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
