import type { MiddlewareObj } from '@middy/core';
import { PlatformError, type Status, statusOf } from '../platform-error.ts';
import type { Invocation } from './api-request.ts';
import type { ApiResponse } from './response.ts';

/** The HTTP status of each of the platform's error statuses. */
export const HTTP_STATUS_OF: Readonly<Record<Status, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PAYMENT_REQUIRED: 402,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** Errors that AWS's clients throw when something is overloaded or was throttled, by name. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'ServiceUnavailableException',
]);

/** Middleware: turns an error into a response in the platform's envelope. */
export const mapErrors: MiddlewareObj<Invocation, ApiResponse> = {
  onError: (request) => {
    request.response = errorResponse(platformErrorOf(request.error), request.event.scope.requestId);
  },
};

/** Returns the error as it is reported to the client: any but a PlatformError becomes REQUEST_TIMEOUT, SERVICE_UNAVAILABLE or INTERNAL. */
export function platformErrorOf(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  // Thrown by AWS's clients, and by Middy shortly before Lambda ends the invocation. The request may have taken effect by
  // then, so the message does not ask for it to be sent again: that could place a second call.
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new PlatformError(
      'REQUEST_TIMEOUT',
      'The request took too long; it may have taken effect. Check the records before you send it again.',
      { cause: error },
    );
  }
  const isUnavailable = error instanceof Error && (UNAVAILABLE.has(error.name) || 'syscall' in error);
  return isUnavailable
    ? new PlatformError('SERVICE_UNAVAILABLE', 'A part of the platform does not respond. Try again.', {
        cause: error,
      })
    : new PlatformError('INTERNAL', 'Something went wrong on our side. Report the request id.', {
        cause: error,
      });
}

/** Returns an error's HTTP status. The platform has no status of its own for a body that is too large, so its reason decides. */
export function httpStatusOf(error: Pick<PlatformError, 'reason'>): number {
  return error.reason === 'REQUEST_TOO_LARGE' ? 413 : HTTP_STATUS_OF[statusOf(error)];
}

/** Returns the response to an error, in the platform's envelope. */
export function errorResponse(error: PlatformError, requestId: string): ApiResponse {
  return {
    statusCode: httpStatusOf(error),
    headers: {
      ...(error.retryAfterSeconds !== undefined && { 'Retry-After': String(error.retryAfterSeconds) }),
      ...(error.reason === 'CALL_OUTCOME_UNKNOWN' && { 'X-ProviderCall-State': 'unconfirmed' }),
    },
    body: JSON.stringify({
      error: {
        status: statusOf(error),
        reason: error.reason,
        message: error.message,
        request_id: requestId,
        ...(error.details.length > 0 && { details: error.details }),
      },
    }),
  };
}
