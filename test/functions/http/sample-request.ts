import type { ApiRequest } from '../../../functions/http/api-request.ts';
import { httpStatusOf } from '../../../functions/http/error-response.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { IDS } from '../provider-calls/sample-record.ts';

export type Sent = {
  headers?: Record<string, string[]>;
  query?: Record<string, string[]>;
  path?: Record<string, string>;
  text?: string;
  isBase64?: boolean;
};

/** A request with what it was sent with, from an agent. */
export function request({
  headers = {},
  query = {},
  path = {},
  text = '',
  isBase64 = false,
}: Sent): ApiRequest {
  return {
    scope: createRequestScope('request-1'),
    caller: { customerId: IDS.customer, actor: { type: 'agent', id: IDS.agent } },
    gatewayId: 'gateway-1',
    method: 'POST',
    resource: '/v1.0/providercalls',
    path,
    queryNames: Object.keys(query),
    query: (name) => query[name] ?? [],
    header: (name) => headers[name] ?? [],
    body: { text, isBase64 },
  };
}

/** Returns the PlatformError that the work throws. */
export function errorOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof PlatformError) {
      return { reason: error.reason, status: httpStatusOf(error), details: error.details };
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The event of API Gateway for GET /v1.0/providercalls/{id}. */
export function apiEvent({ headers = {}, query = {}, path = {}, text, isBase64 = false }: Sent) {
  return {
    resource: '/v1.0/providercalls/{id}',
    httpMethod: 'GET',
    pathParameters: path,
    multiValueHeaders: headers,
    multiValueQueryStringParameters: query,
    body: text ?? null,
    isBase64Encoded: isBase64,
    requestContext: {
      requestId: 'gateway-1',
      authorizer: { customer_id: IDS.customer, actor_type: 'agent', actor_id: IDS.agent },
    },
  };
}
