import * as z from 'zod/mini';
import type { InvocationResult } from '../lambda/function-instance.ts';
import { GatewayFault } from './gateway-fault.ts';
import { type Decision, evaluatePolicy, policySchema } from './policy.ts';
import type { AuthorizerContext } from './request-context.ts';

const authorizerResponseSchema = z.object({
  principalId: z.string().check(z.minLength(1)),
  policyDocument: policySchema,
  // According to the Developer Guide, a list or an object in the context is a configuration error.
  context: z.nullish(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/**
 * Reads a Lambda authorizer's response about a method (API Gateway Developer Guide, "Output from an API Gateway
 * Lambda authorizer"). The context is passed on as strings, also to the gateway response when access is denied.
 *
 * @throws {GatewayFault} UNAUTHORIZED when the function failed with exactly that word, AUTHORIZER_FAILURE when it
 *   failed in any other way, AUTHORIZER_CONFIGURATION_ERROR when its response has a different shape.
 */
export function readAuthorizerResponse(
  result: InvocationResult,
  methodArn: string,
): { decision: Decision; context: AuthorizerContext } {
  if (!result.ok) {
    throw new GatewayFault(
      result.error.errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE',
    );
  }
  const parsed = authorizerResponseSchema.safeParse(JSON.parse(result.payload));
  if (!parsed.success) throw new GatewayFault('AUTHORIZER_CONFIGURATION_ERROR', { cause: parsed.error });
  const { principalId, policyDocument, context } = parsed.data;
  const given = Object.entries(context ?? {}).filter(([, value]) => value !== null);
  return {
    decision: evaluatePolicy(policyDocument, methodArn),
    context: { ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])), principalId },
  };
}
