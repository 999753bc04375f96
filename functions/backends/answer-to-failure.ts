import { PlatformError, type Reason } from '../platform-error.ts';
import type { BackendFailure } from './backend-failure.ts';

/** A backend's own words are for a super-admin to read, but only so many of them. */
const MESSAGE_CHARACTERS = 200;

const reasonOf = (status: number, reason: string | undefined): Reason => {
  switch (status) {
    case 402:
      return 'INSUFFICIENT_BALANCE';
    case 409:
      return 'CALL_CONFLICT';
    case 429:
      return 'RATE_LIMIT_EXCEEDED';
    // Our own standing with the backend is nothing that a client can mend.
    case 401:
    case 403:
      return 'INTERNAL';
    // What is missing comes as 404 where it was the path's, as 400 where it was the body's; either way the client named it.
    default:
      return reason === 'FLOW_NOT_FOUND' || reason === 'PROVIDER_NOT_FOUND' ? reason : 'INVALID_ARGUMENT';
  }
};

/** What the client is told when a backend refused or failed before anything was dialled. */
export const answerToFailure = (failure: BackendFailure): PlatformError => {
  const { refusal } = failure;
  if (refusal === undefined || failure.outcome === 'unknown') {
    return failure.timedOut
      ? new PlatformError(
          'REQUEST_TIMEOUT',
          `The ${failure.backend} backend did not answer in time. Nothing was dialled; try again.`,
          { cause: failure },
        )
      : new PlatformError(
          'SERVICE_UNAVAILABLE',
          `The ${failure.backend} backend is not available. Nothing was dialled; try again.`,
          { cause: failure },
        );
  }
  const reason = reasonOf(refusal.status, refusal.reason);
  if (reason === 'INTERNAL') {
    return new PlatformError(reason, 'Something went wrong on our side. Nothing was dialled.', {
      cause: failure,
    });
  }
  const words = refusal.message?.slice(0, MESSAGE_CHARACTERS) ?? `it answered ${refusal.status}`;
  return new PlatformError(reason, `Nothing was dialled. The ${failure.backend} backend says: ${words}`, {
    cause: failure,
    ...(reason === 'RATE_LIMIT_EXCEEDED' && { retryAfterSeconds: refusal.retryAfterSeconds ?? 1 }),
  });
};
