import { describe, expect, test } from 'vitest';
import {
  errorResponse,
  HTTP_STATUS_OF,
  httpStatusOf,
  platformErrorOf,
} from '../../../functions/http/error-response.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { IDS } from '../provider-calls/sample-record.ts';

describe('the response to an error', () => {
  test('is the envelope', () => {
    const error = new PlatformError('PROVIDER_NOT_FOUND', 'Choose another.', {
      details: [{ field: 'provider_id', message: 'names no current provider' }],
      cause: new Error('inner'),
    });
    expect(errorResponse(error, 'request-1')).toEqual({
      statusCode: 400,
      headers: {},
      body: JSON.stringify({
        error: {
          status: 'INVALID_ARGUMENT',
          reason: 'PROVIDER_NOT_FOUND',
          message: 'Choose another.',
          request_id: 'request-1',
          details: [{ field: 'provider_id', message: 'names no current provider' }],
        },
      }),
    });
  });

  test('has no details when there are none', () => {
    const { body } = errorResponse(new PlatformError('INTERNAL', 'x'), 'request-1');
    expect(Object.keys(JSON.parse(body).error)).toEqual(['status', 'reason', 'message', 'request_id']);
  });

  test('says when to retry, and that a record is unconfirmed', () => {
    const busy = new PlatformError('REQUEST_IN_PROGRESS', 'x', { retryAfterSeconds: 5 });
    expect(errorResponse(busy, 'request-1').headers).toEqual({ 'Retry-After': '5' });
    const unknown = new PlatformError('CALL_OUTCOME_UNKNOWN', 'x', {
      details: [{ providercall_id: IDS.record }],
    });
    expect(errorResponse(unknown, 'request-1').headers).toEqual({ 'X-ProviderCall-State': 'unconfirmed' });
  });

  test.each([
    ['an error of our own', new TypeError('x is undefined'), 'INTERNAL', 500],
    ['anything that is not an error', 'odd', 'INTERNAL', 500],
    ['a bad parse of an item', new SyntaxError('no'), 'INTERNAL', 500],
    [
      'DynamoDB that throttles',
      Object.assign(new Error('x'), { name: 'ThrottlingException' }),
      'SERVICE_UNAVAILABLE',
      503,
    ],
    [
      'DynamoDB that cannot be reached',
      Object.assign(new Error('x'), { syscall: 'connect' }),
      'SERVICE_UNAVAILABLE',
      503,
    ],
    ['time that ran out', Object.assign(new Error('x'), { name: 'TimeoutError' }), 'REQUEST_TIMEOUT', 503],
  ])('reveals nothing of %s', (_what, error, reason, status) => {
    const reported = platformErrorOf(error);
    expect({ reason: reported.reason, status: httpStatusOf(reported), cause: reported.cause }).toEqual({
      reason,
      status,
      cause: error,
    });
    expect(reported.message).not.toContain('x is undefined');
  });
});

test('a status has the platform’s HTTP status', () => {
  expect(HTTP_STATUS_OF).toEqual({
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
  });
});
