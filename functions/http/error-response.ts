import { PlatformError } from '../platform-error.ts';

export type ApiResponse = { statusCode: number; headers: Record<string, string>; body: string };

/** Errors that AWS's clients throw when something is overloaded or was turned away, by name. */
const unavailable: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'ServiceUnavailableException',
]);

/** What the client is told of an error. Anything that is not meant for clients becomes INTERNAL or SERVICE_UNAVAILABLE. */
export const platformErrorOf = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  // AWS's clients, and Middy shortly before Lambda ends the invocation. What was asked for may have been done by then, so
  // nobody is told to ask again: that could be a second call.
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new PlatformError(
      'REQUEST_TIMEOUT',
      'The request took too long; it may have taken effect. Look before you send it once more.',
      { cause: error },
    );
  }
  const isUnavailable = error instanceof Error && (unavailable.has(error.name) || 'syscall' in error);
  return isUnavailable
    ? new PlatformError('SERVICE_UNAVAILABLE', 'A part of the platform does not answer. Try again.', {
        cause: error,
      })
    : new PlatformError('INTERNAL', 'Something went wrong on our side. Tell us the request id.', {
        cause: error,
      });
};

/** The answer to an error in the platform's envelope. */
export const errorResponse = (error: PlatformError, requestId: string): ApiResponse => ({
  statusCode: error.httpStatus,
  headers: {
    ...(error.retryAfterSeconds !== undefined && { 'Retry-After': String(error.retryAfterSeconds) }),
    ...(error.reason === 'CALL_OUTCOME_UNKNOWN' && { 'X-ProviderCall-State': 'unconfirmed' }),
  },
  body: JSON.stringify({
    error: {
      status: error.status,
      reason: error.reason,
      message: error.message,
      request_id: requestId,
      ...(error.details.length > 0 && { details: error.details }),
    },
  }),
});
