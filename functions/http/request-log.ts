import type { MiddlewareObj, Request } from '@middy/core';
import { describeError, describeWarnings } from '../log/describe-error.ts';
import type { Operation } from '../log/operation.ts';
import { actorText, rounded, startLine } from '../log/request-line.ts';
import type { RequestScope } from '../request-scope.ts';
import type { ApiEvent } from './api-event.ts';
import { type ApiResponse, platformErrorOf } from './error-response.ts';

/**
 * Middleware: one line of JSON a request, with its metrics. Route and path parameters only, never the query string, a
 * header or a body: those carry credentials and telephone numbers.
 */
export const requestLog = (
  operation: Operation,
  scope: RequestScope,
  event: ApiEvent | undefined,
): MiddlewareObj<unknown, ApiResponse> => {
  const line = startLine(operation);
  const write = ({ response, error }: Request<unknown, ApiResponse>) => {
    const status = response?.statusCode ?? 500;
    const authorizer = event?.requestContext.authorizer;
    line.write(
      {
        level: status >= 500 ? 'error' : scope.warnings.length > 0 ? 'warn' : 'info',
        request_id: scope.requestId,
        gateway_request_id: event?.requestContext.requestId,
        route: event && `${event.httpMethod} ${event.resource}`,
        customer_id: authorizer?.customer_id,
        actor: authorizer && actorText({ type: authorizer.actor_type, id: authorizer.actor_id }),
        status,
        backend_ms: Object.fromEntries(
          Object.entries(scope.timings).map(([name, milliseconds]) => [name, rounded(milliseconds)]),
        ),
        ...(error && { reason: platformErrorOf(error).reason, error: describeError(error) }),
        ...describeWarnings(scope),
      },
      { ServerErrors: status >= 500 ? 1 : 0, ...scope.metrics },
    );
  };
  return { after: write, onError: write };
};
