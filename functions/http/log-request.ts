import type { MiddlewareObj, Request } from '@middy/core';
import type { Context } from 'aws-lambda';
import { describeError, describeWarnings } from '../log/describe-error.ts';
import { type LogLine, rounded, startRequestLine } from '../log/log-line.ts';
import type { Operation } from '../log/operation.ts';
import type { Invocation } from './api-request.ts';
import { platformErrorOf } from './error-response.ts';
import type { ApiResponse } from './response.ts';

type Internal = { line: LogLine };
type LoggedRequest = Request<Invocation, ApiResponse, Error, Context, Internal>;

/**
 * Middleware: one line of JSON per request, with its metrics. Route and path parameters only, never the query string, a
 * header or a body: those carry credentials and telephone numbers.
 */
export function logRequest(
  operation: Operation,
): MiddlewareObj<Invocation, ApiResponse, Error, Context, Internal> {
  return {
    before: ({ internal }) => {
      internal.line = startRequestLine(operation);
    },
    after: write,
    onError: write,
  };
}

function write({ event: { scope, request }, response, error, internal }: LoggedRequest): void {
  const status = response?.statusCode ?? 500;
  const caller = request?.caller;
  internal.line.write(
    {
      level: status >= 500 ? 'error' : scope.warnings.length > 0 ? 'warn' : 'info',
      request_id: scope.requestId,
      gateway_request_id: request?.gatewayId,
      route: request && `${request.method} ${request.resource}`,
      customer_id: caller?.customerId,
      actor: caller && `${caller.actor.type}:${caller.actor.id}`,
      status,
      backend_ms: Object.fromEntries(
        Object.entries(scope.timings).map(([name, milliseconds]) => [name, rounded(milliseconds)]),
      ),
      ...(error && { reason: platformErrorOf(error).reason, error: describeError(error) }),
      ...describeWarnings(scope),
    },
    { ServerErrors: status >= 500 ? 1 : 0, ...scope.metrics },
  );
}
