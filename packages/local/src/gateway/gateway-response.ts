import type { GatewayResponseDefinition, RestApiDefinition } from '../template/rest-api.ts';
import type { Answer } from './answer.ts';
import { type ApiIdentity, contextVariable, substitute } from './context-variables.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayFault } from './gateway-fault.ts';

const ownBody = '{"message":$context.error.messageString}';

/**
 * The answer to a fault, as the template customizes it: by its own gateway response, else by DEFAULT_4XX or
 * DEFAULT_5XX, else as API Gateway words it. A fallback without a status leaves the fault's own.
 */
export function renderGatewayResponse(
  fault: GatewayFault,
  responses: RestApiDefinition['gatewayResponses'],
  exchange: Exchange,
  api: ApiIdentity,
): Answer {
  const definition: GatewayResponseDefinition | undefined =
    responses.get(fault.type) ?? responses.get(fault.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const failed: Exchange = { ...exchange, fault };
  const headers = Object.entries(definition?.headers ?? {}).flatMap(([name, value]): [string, string][] => {
    const text = headerValue(value, failed, api);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    status: definition?.statusCode ?? fault.status,
    headers: [...headers, ['x-amzn-ErrorType', fault.errorType]],
    body: substitute(definition?.template ?? ownBody, failed, api, ''),
  };
}

/** `'literal'` or `context.variable`. */
function headerValue(value: string, exchange: Exchange, api: ApiIdentity): string | undefined {
  if (value.startsWith("'")) return value.slice(1, -1);
  return contextVariable(value.slice('context.'.length), exchange, api);
}
