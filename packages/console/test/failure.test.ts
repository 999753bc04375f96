import {
  type ApiErrorBody,
  ConnectionError,
  ProviderCallApiError,
  RequestTimeoutError,
  UnexpectedResponseError,
} from '@provider-call/client';
import { describe, expect, test } from 'vitest';
import { failureOf, isAbort, isCertainlyNotPlaced } from '../src/page/failure.ts';

function apiError(
  httpStatus: number,
  error: Pick<ApiErrorBody, 'status' | 'reason'> & Partial<ApiErrorBody>,
  headers: Record<string, string> = {},
): ProviderCallApiError {
  const body = { message: 'The message.', request_id: 'request-1', ...error };
  return new ProviderCallApiError({ error: body }, { status: httpStatus, headers: new Headers(headers) });
}

describe('failureOf', () => {
  test.each([
    [apiError(401, { status: 'UNAUTHENTICATED', reason: 'AUTHENTICATION_REQUIRED' }), 'credential', true],
    [apiError(403, { status: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' }), 'permission', true],
    [apiError(404, { status: 'NOT_FOUND', reason: 'PROVIDERCALL_NOT_FOUND' }), 'not-found', false],
    [apiError(400, { status: 'INVALID_ARGUMENT', reason: 'PROVIDER_NOT_FOUND' }), 'rejected', true],
    [apiError(402, { status: 'PAYMENT_REQUIRED', reason: 'INSUFFICIENT_BALANCE' }), 'rejected', true],
    [apiError(413, { status: 'INVALID_ARGUMENT', reason: 'REQUEST_TOO_LARGE' }), 'rejected', true],
    [apiError(409, { status: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED' }), 'conflict', false],
    [apiError(429, { status: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMIT_EXCEEDED' }), 'rate-limit', true],
    [apiError(500, { status: 'INTERNAL', reason: 'INTERNAL' }), 'server', false],
    [apiError(503, { status: 'UNAVAILABLE', reason: 'SERVICE_UNAVAILABLE' }), 'server', false],
    [apiError(503, { status: 'UNAVAILABLE', reason: 'CALL_OUTCOME_UNKNOWN' }), 'outcome-unknown', false],
    [new ConnectionError('no response'), 'unreachable', false],
    [new RequestTimeoutError(35_000), 'timeout', false],
    [new UnexpectedResponseError(200), 'unreadable', false],
    [new UnexpectedResponseError(502), 'unreadable', false],
    [new TypeError('x is not a function'), 'page', false],
    ['thrown text', 'page', false],
  ])('presents %s as kind %s; that no call was placed is certain: %s', (error, kind, isCertain) => {
    const failure = failureOf(error);
    expect(failure).toMatchObject({
      kind,
      title: expect.stringMatching(/./),
      advice: expect.stringMatching(/./),
    });
    expect(isCertainlyNotPlaced(failure)).toBe(isCertain);
  });

  test('carries request id, fields, waiting time and the record in doubt', () => {
    const rejected = apiError(400, {
      status: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
      details: [{ field: 'source', message: 'is wrong' }],
    });
    expect(failureOf(rejected)).toEqual({
      kind: 'rejected',
      title: 'The message.',
      advice: 'Correct the request.',
      details: ['source: is wrong'],
      requestId: 'request-1',
    });
    const throttled = apiError(
      429,
      { status: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMIT_EXCEEDED' },
      { 'Retry-After': '7' },
    );
    expect(failureOf(throttled)).toMatchObject({
      retryAfterSeconds: 7,
      advice: expect.stringContaining('Try again in 7 s'),
    });
    const inDoubt = apiError(503, {
      status: 'UNAVAILABLE',
      reason: 'CALL_OUTCOME_UNKNOWN',
      details: [{ providercall_id: 'record-1' }],
    });
    expect(failureOf(inDoubt)).toMatchObject({ providerCallId: 'record-1', details: [] });
  });
});

test('a reason that is a name of every object has no advice of its own', () => {
  const error = apiError(404, { status: 'NOT_FOUND', reason: 'CALL_NOT_FOUND' });
  expect(failureOf(Object.assign(error, { reason: 'constructor' })).advice).toBe('It may have been deleted.');
});

test('isAbort distinguishes an aborted request from a failed one', () => {
  expect(isAbort(new DOMException('ended', 'AbortError'))).toBe(true);
  expect(isAbort(new ConnectionError('lost'))).toBe(false);
});
