import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as z from 'zod/mini';
import { verifyAccessKey } from './auth/access-key.ts';
import { type AuthorizerEvent, authorizerEventSchema, credentialOf } from './auth/credential.ts';
import { CredentialError, type Principal, requireProjectSuperAdmin } from './auth/principal.ts';
import { holdSigningKeys } from './auth/signing-keys.ts';
import { jwksAt, verifyToken } from './auth/token.ts';
import { readEnvironment, requiredVariable } from './environment.ts';
import { describeError } from './log/describe-error.ts';
import { type LogFields, startRequestLine } from './log/log-line.ts';
import { loggedHandler } from './log/logged-handler.ts';
import { PlatformError } from './platform-error.ts';

const environment = readEnvironment(
  z.object({
    STAGE: requiredVariable,
    SIGNING_KEY_SECRET_ARN: requiredVariable,
    ACCESS_KEY_TABLE: requiredVariable,
    JWKS_URL: z.optional(z.string().check(z.refine((text) => URL.canParse(text), 'must be a URL'))),
  }),
);

const keys = {
  signingKeys: holdSigningKeys(environment.SIGNING_KEY_SECRET_ARN, environment.STAGE),
  jwks: environment.JWKS_URL === undefined ? undefined : jwksAt(environment.JWKS_URL),
};

/**
 * The API's REQUEST authorizer. A policy covers only the requested method and is not cached by the gateway, so
 * a credential's permission is checked again for every request.
 */
export const handler = loggedHandler(
  {
    schema: authorizerEventSchema,
    startLine: () => startRequestLine('authorize'),
    describe: ({ requestContext, httpMethod, resource }) => ({
      request_id: requestContext.requestId,
      route: `${httpMethod} ${resource}`,
    }),
    failure: { fields: { status: 500 }, metrics: { AuthorizerErrors: 1 } },
  },
  async (event) => {
    const decision = await decide(event);
    return {
      ...(decision.status !== 200 && { fields: rejectionFields(decision) }),
      metrics: {},
      respond: () => policyOf(event, decision),
    };
  },
);

/** Whether a request is admitted. */
type Decision = { status: 200; principal: Principal } | Rejection;
type Rejection = { status: 401 | 403; error: PlatformError };

async function decide(event: AuthorizerEvent): Promise<Decision> {
  try {
    return { status: 200, principal: await identify(event) };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { status: error instanceof CredentialError ? 401 : 403, error };
  }
}

async function identify(event: AuthorizerEvent): Promise<Principal> {
  const credential = credentialOf(event);
  const principal =
    credential.kind === 'accesskey'
      ? await verifyAccessKey(credential.key, environment.ACCESS_KEY_TABLE, new Date())
      : await verifyToken(credential.token, keys, new Date());
  requireProjectSuperAdmin(principal);
  return principal;
}

/** An admission writes no line, because the function that handles the request logs who sent it. */
function rejectionFields({ status, error }: Rejection): LogFields {
  const fault = error instanceof CredentialError ? error.fault : undefined;
  return {
    // Only an operator can correct a row that cannot be read.
    level: fault === 'malformed_row' ? 'warn' : 'info',
    status,
    reason: error.reason,
    credential: fault,
    error: describeError(error),
  };
}

function policyOf({ methodArn }: AuthorizerEvent, decision: Decision): APIGatewayAuthorizerResult {
  // The only text for which API Gateway responds 401 instead of 500.
  if (decision.status === 401) throw new Error('Unauthorized');
  const allowed = decision.status === 200;
  return {
    principalId: allowed ? decision.principal.actor.id : 'denied',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: allowed ? 'Allow' : 'Deny', Resource: methodArn }],
    },
    context: allowed
      ? {
          customer_id: decision.principal.customerId,
          actor_type: decision.principal.actor.type,
          actor_id: decision.principal.actor.id,
        }
      : { reason: decision.error.reason, message: decision.error.message },
  };
}
