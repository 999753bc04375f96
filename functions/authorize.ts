import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as z from 'zod/mini';
import { verifyAccessKey } from './auth/access-key.ts';
import { type AuthorizerEvent, authorizerEventSchema, credentialOf } from './auth/credential.ts';
import { type Principal, requireProjectSuperAdmin } from './auth/principal.ts';
import { holdSigningKeys } from './auth/signing-keys.ts';
import { jwksAt, verifyToken } from './auth/token.ts';
import { readEnvironment, requiredVariable } from './environment.ts';
import { describeError } from './log/describe-error.ts';
import { actorText, startLine } from './log/request-line.ts';
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

const identify = async (event: AuthorizerEvent): Promise<Principal> => {
  const credential = credentialOf(event);
  const principal =
    credential.kind === 'accesskey'
      ? await verifyAccessKey(credential.key, environment.ACCESS_KEY_TABLE, new Date())
      : await verifyToken(credential.token, keys, new Date());
  requireProjectSuperAdmin(principal);
  return principal;
};

/** What came of a request for admission, as the log tells it. */
type Verdict = { status: 200; principal: Principal } | { status: 401 | 403; error: PlatformError };

const judge = async (event: AuthorizerEvent): Promise<Verdict> => {
  try {
    return { status: 200, principal: await identify(event) };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { status: error.status === 'PERMISSION_DENIED' ? 403 : 401, error };
  }
};

const policy = (
  effect: 'Allow' | 'Deny',
  { methodArn }: AuthorizerEvent,
  principalId: string,
  context: Record<string, string>,
): APIGatewayAuthorizerResult => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: methodArn }],
  },
  context,
});

const answer = (event: AuthorizerEvent, verdict: Verdict): APIGatewayAuthorizerResult => {
  if (verdict.status === 200) {
    const { customerId, actor } = verdict.principal;
    const context = { customer_id: customerId, actor_type: actor.type, actor_id: actor.id };
    return policy('Allow', event, actor.id, context);
  }
  if (verdict.status === 403) {
    const { reason, message } = verdict.error;
    return policy('Deny', event, 'denied', { reason, message });
  }
  // The one text for which API Gateway answers 401 instead of 500.
  throw new Error('Unauthorized');
};

const fieldsOf = (verdict: Verdict): Record<string, unknown> =>
  verdict.status === 200
    ? { customer_id: verdict.principal.customerId, actor: actorText(verdict.principal.actor) }
    : { reason: verdict.error.reason, error: describeError(verdict.error) };

/**
 * The API's REQUEST authorizer. A policy is for the one method that was asked for and is not kept by the gateway, so
 * what a credential may do is judged anew for every request.
 */
export const handler = async (event: unknown): Promise<APIGatewayAuthorizerResult> => {
  const line = startLine('authorize');
  const request = authorizerEventSchema.parse(event);
  const known = {
    request_id: request.requestContext.requestId,
    route: `${request.httpMethod} ${request.resource}`,
  };
  let verdict: Verdict;
  try {
    verdict = await judge(request);
  } catch (error) {
    line.write(
      { ...known, level: 'error', status: 500, error: describeError(error) },
      { AuthorizerErrors: 1 },
    );
    throw error;
  }
  line.write(
    { ...known, level: 'info', status: verdict.status, ...fieldsOf(verdict) },
    { AuthorizerErrors: 0 },
  );
  return answer(request, verdict);
};
