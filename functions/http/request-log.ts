import type { MiddlewareObj, Request } from '@middy/core';
import { describeError, describeWarnings } from '../log/describe-error.ts';
import { takeColdStart, writeLogLine } from '../log/log-line.ts';
import type { RequestScope } from '../request-scope.ts';
import type { ApiEvent } from './api-event.ts';
import { type ApiResponse, platformErrorOf } from './error-response.ts';

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

/**
 * Middleware: one line of JSON a request, with its metrics. Route and path parameters only, never the query string, a
 * header or a body: those carry credentials and telephone numbers.
 */
export const requestLog = (
  operation: string,
  scope: RequestScope,
  event: ApiEvent | undefined,
): MiddlewareObj<unknown, ApiResponse> => {
  const startedAt = performance.now();
  const coldStart = takeColdStart();
  const write = ({ response, error }: Request<unknown, ApiResponse>) => {
    const latency = rounded(performance.now() - startedAt);
    const status = response?.statusCode ?? 500;
    const caller = event?.requestContext.authorizer;
    writeLogLine(
      operation,
      {
        level: status >= 500 ? 'error' : scope.warnings.length > 0 ? 'warn' : 'info',
        request_id: scope.requestId,
        gateway_request_id: event?.requestContext.requestId,
        route: event && `${event.httpMethod} ${event.resource}`,
        customer_id: caller?.customer_id,
        actor: caller && `${caller.actor_type}:${caller.actor_id}`,
        status,
        latency_ms: latency,
        backend_ms: Object.fromEntries(
          Object.entries(scope.timings).map(([name, milliseconds]) => [name, rounded(milliseconds)]),
        ),
        cold_start: coldStart,
        ...(error && { reason: platformErrorOf(error).reason, error: describeError(error) }),
        ...describeWarnings(scope),
      },
      {
        Requests: 1,
        Latency: latency,
        ServerErrors: status >= 500 ? 1 : 0,
        ColdStarts: coldStart ? 1 : 0,
        ...scope.metrics,
      },
    );
  };
  return { after: write, onError: write };
};
