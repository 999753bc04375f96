import { describe, expect, test } from 'vitest';
import { httpStatusOf } from '../../functions/http/error-response.ts';
import { PlatformError, type Reason, STATUS_OF_REASON, statusOf } from '../../functions/platform-error.ts';

describe('the reason of an error', () => {
  const responses: [Reason, string, number][] = [
    ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 400],
    ['INVALID_JSON_BODY', 'INVALID_ARGUMENT', 400],
    ['INVALID_ID', 'INVALID_ARGUMENT', 400],
    ['PROVIDER_NOT_FOUND', 'INVALID_ARGUMENT', 400],
    ['FLOW_NOT_FOUND', 'INVALID_ARGUMENT', 400],
    ['REQUEST_TOO_LARGE', 'INVALID_ARGUMENT', 413],
    ['AUTHENTICATION_REQUIRED', 'UNAUTHENTICATED', 401],
    ['INSUFFICIENT_BALANCE', 'PAYMENT_REQUIRED', 402],
    ['PERMISSION_DENIED', 'PERMISSION_DENIED', 403],
    ['DIRECT_ACCESS_NOT_SUPPORTED', 'PERMISSION_DENIED', 403],
    ['PROVIDERCALL_NOT_FOUND', 'NOT_FOUND', 404],
    ['ROUTE_NOT_FOUND', 'NOT_FOUND', 404],
    ['IDEMPOTENCY_KEY_REUSED', 'ALREADY_EXISTS', 409],
    ['REQUEST_IN_PROGRESS', 'FAILED_PRECONDITION', 409],
    ['RATE_LIMIT_EXCEEDED', 'RESOURCE_EXHAUSTED', 429],
    ['INTERNAL', 'INTERNAL', 500],
    ['SERVICE_UNAVAILABLE', 'UNAVAILABLE', 503],
    ['REQUEST_TIMEOUT', 'UNAVAILABLE', 503],
    ['CALL_OUTCOME_UNKNOWN', 'UNAVAILABLE', 503],
  ];

  test.each(responses)('%s is %s, HTTP %i', (reason, status, httpStatus) => {
    const error = new PlatformError(reason, 'what to do');
    expect({ status: statusOf(error), httpStatus: httpStatusOf(error) }).toEqual({ status, httpStatus });
  });

  test('is one of those listed here', () => {
    expect(responses.map(([reason]) => reason).toSorted()).toEqual(Object.keys(STATUS_OF_REASON).toSorted());
  });
});
