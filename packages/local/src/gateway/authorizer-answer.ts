import * as z from 'zod/mini';
import type { InvocationResult } from '../lambda/function-instance.ts';
import type { AuthorizerContext } from './exchange.ts';
import { GatewayFault } from './gateway-fault.ts';
import { type Decision, evaluatePolicy, policySchema } from './policy.ts';

const authorizerAnswerSchema = z.object({
  principalId: z.string().check(z.minLength(1)),
  policyDocument: policySchema,
  // A list or an object in the context is a configuration error, says the Developer Guide.
  context: z.nullish(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/**
 * Reads what a Lambda authorizer answered about a method (API Gateway Developer Guide, "Output from an API Gateway
 * Lambda authorizer"). The context goes on as strings, to the gateway response too when the answer is no.
 *
 * @throws {GatewayFault} UNAUTHORIZED when the function failed with exactly that word, AUTHORIZER_FAILURE when it
 *   failed in any other way, AUTHORIZER_CONFIGURATION_ERROR when its answer is none.
 */
export function readAuthorizerAnswer(
  result: InvocationResult,
  methodArn: string,
): { decision: Decision; context: AuthorizerContext } {
  if (!result.ok) {
    throw new GatewayFault(
      result.error.errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE',
    );
  }
  const parsed = authorizerAnswerSchema.safeParse(JSON.parse(result.payload));
  if (!parsed.success) throw new GatewayFault('AUTHORIZER_CONFIGURATION_ERROR', { cause: parsed.error });
  const { principalId, policyDocument, context } = parsed.data;
  const given = Object.entries(context ?? {}).filter(([, value]) => value !== null);
  return {
    decision: evaluatePolicy(policyDocument, methodArn),
    context: { ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])), principalId },
  };
}
