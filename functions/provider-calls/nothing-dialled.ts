import { PlatformError, type Reason } from '../platform-error.ts';
import type { BackendFailure } from './ports.ts';

/** A backend's own message may be shown to a super-admin, but not at any length. */
const MAX_MESSAGE_CHARACTERS = 200;

/** Returns the error that create responds with when a backend failed before anything was dialled. */
export function nothingDialled(failure: BackendFailure): PlatformError {
  const { errorResponse } = failure;
  if (errorResponse === undefined || failure.outcome === 'unknown') {
    return failure.timedOut
      ? new PlatformError(
          'REQUEST_TIMEOUT',
          `The ${failure.backend} backend did not respond in time. Nothing was dialled; try again.`,
          { cause: failure },
        )
      : new PlatformError(
          'SERVICE_UNAVAILABLE',
          `The ${failure.backend} backend is not available. Nothing was dialled; try again.`,
          { cause: failure },
        );
  }
  const reason = reasonOf(errorResponse.status, errorResponse.reason);
  if (reason === 'INTERNAL') {
    return new PlatformError(reason, 'Something went wrong on our side. Nothing was dialled.', {
      cause: failure,
    });
  }
  const explanation =
    errorResponse.message?.slice(0, MAX_MESSAGE_CHARACTERS) ?? `it responded ${errorResponse.status}`;
  return new PlatformError(
    reason,
    `Nothing was dialled. The ${failure.backend} backend says: ${explanation}`,
    {
      cause: failure,
      ...(reason === 'RATE_LIMIT_EXCEEDED' && { retryAfterSeconds: errorResponse.retryAfterSeconds ?? 1 }),
    },
  );
}

function reasonOf(status: number, reason: string | undefined): Reason {
  switch (status) {
    case 402:
      return 'INSUFFICIENT_BALANCE';
    case 429:
      return 'RATE_LIMIT_EXCEEDED';
    // A client cannot fix this service's own credential at the backend.
    case 401:
    case 403:
      return 'INTERNAL';
    // Something missing is a 404 if it was named in the path and a 400 if it was named in the body; either way the
    // client named it.
    default:
      return reason === 'FLOW_NOT_FOUND' || reason === 'PROVIDER_NOT_FOUND' ? reason : 'INVALID_ARGUMENT';
  }
}
