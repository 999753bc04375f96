import type { GatewayResponseDefinition, RestApiDefinition } from '../template/rest-api.ts';
import { type ApiIdentity, contextVariable, substitute } from './context-variables.ts';
import type { GatewayFault } from './gateway-fault.ts';
import type { HttpResponse } from './listener.ts';
import type { RequestContext } from './request-context.ts';

const DEFAULT_BODY = '{"message":$context.error.messageString}';

/**
 * Returns the response to a fault as the template customizes it: by its own gateway response, else by DEFAULT_4XX or
 * DEFAULT_5XX, else with API Gateway's own text. A fallback without a status keeps that of the fault.
 */
export function renderGatewayResponse(
  fault: GatewayFault,
  responses: RestApiDefinition['gatewayResponses'],
  context: RequestContext,
  api: ApiIdentity,
): HttpResponse {
  const definition: GatewayResponseDefinition | undefined =
    responses.get(fault.type) ?? responses.get(fault.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const failed: RequestContext = { ...context, fault };
  const headers = Object.entries(definition?.headers ?? {}).flatMap(([name, value]): [string, string][] => {
    const text = headerValue(value, failed, api);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    status: definition?.statusCode ?? fault.status,
    headers: [...headers, ['x-amzn-ErrorType', fault.errorType]],
    body: substitute(definition?.template ?? DEFAULT_BODY, failed, api, ''),
  };
}

/** `'literal'` or `context.variable`. */
function headerValue(value: string, context: RequestContext, api: ApiIdentity): string | undefined {
  if (value.startsWith("'")) return value.slice(1, -1);
  return contextVariable(value.slice('context.'.length), context, api);
}
