import { describe, expect, test } from 'vitest';
import { httpStatusOf } from '../../../functions/http/error-response.ts';
import { nothingDialled } from '../../../functions/provider-calls/nothing-dialled.ts';
import { BackendFailure } from '../../../functions/provider-calls/ports.ts';

function rejected(status: number, reason?: string, message?: string, retryAfterSeconds?: number) {
  return new BackendFailure('call', 'rejected', {
    outcome: 'nothing-done',
    errorResponse: { status, reason, message, retryAfterSeconds },
  });
}

describe('an error response of a backend', () => {
  test.each([
    [400, undefined, 'INVALID_ARGUMENT', 400],
    [400, 'FLOW_NOT_FOUND', 'FLOW_NOT_FOUND', 400],
    [400, 'PROVIDER_NOT_FOUND', 'PROVIDER_NOT_FOUND', 400],
    [400, 'SOMETHING_ELSE', 'INVALID_ARGUMENT', 400],
    [401, undefined, 'INTERNAL', 500],
    [402, undefined, 'INSUFFICIENT_BALANCE', 402],
    [403, undefined, 'INTERNAL', 500],
    [404, 'FLOW_NOT_FOUND', 'FLOW_NOT_FOUND', 400],
    [404, 'SOMETHING_ELSE', 'INVALID_ARGUMENT', 400],
    [422, undefined, 'INVALID_ARGUMENT', 400],
    [429, undefined, 'RATE_LIMIT_EXCEEDED', 429],
  ])('of %i (%s) becomes %s, %i', (status, why, reason, httpStatus) => {
    const error = nothingDialled(rejected(status, why));
    expect([error.reason, httpStatusOf(error)]).toEqual([reason, httpStatus]);
  });

  test('is quoted, up to 200 characters', () => {
    expect(nothingDialled(rejected(402, 'X', 'no money')).message).toBe(
      'Nothing was dialled. The call backend says: no money',
    );
    expect(nothingDialled(rejected(400, 'X', 'w'.repeat(10_000))).message.length).toBeLessThan(300);
    expect(nothingDialled(rejected(409)).message).toBe(
      'Nothing was dialled. The call backend says: it responded 409',
    );
  });

  test('about our own credential is not quoted', () => {
    expect(nothingDialled(rejected(403, 'X', 'role arn:aws:iam::1:role/x may not')).message).toBe(
      'Something went wrong on our side. Nothing was dialled.',
    );
  });

  test.each([
    [undefined, 1],
    [30, 30],
  ])('for too many calls says when to retry: Retry-After %s becomes %i s', (retryAfter, seconds) => {
    expect(nothingDialled(rejected(429, 'X', 'slow', retryAfter)).retryAfterSeconds).toBe(seconds);
  });
});

test.each([
  [
    'nothing was reached',
    new BackendFailure('route', 'x', { outcome: 'nothing-done' }),
    'SERVICE_UNAVAILABLE',
  ],
  [
    'time ran out',
    new BackendFailure('route', 'x', { outcome: 'unknown', timedOut: true }),
    'REQUEST_TIMEOUT',
  ],
  [
    'the backend broke',
    new BackendFailure('route', 'x', {
      outcome: 'unknown',
      errorResponse: { status: 500, reason: undefined, message: 'stack trace', retryAfterSeconds: undefined },
    }),
    'SERVICE_UNAVAILABLE',
  ],
])('a failure because %s is a 503', (_what, failure, reason) => {
  const error = nothingDialled(failure);
  expect(error).toMatchObject({ reason, cause: failure });
  expect(error.message).not.toContain('stack trace');
});
