import { describe, expect, test } from 'vitest';
import { answerToFailure } from '../../../functions/backends/answer-to-failure.ts';
import { BackendFailure, outcomeOfError } from '../../../functions/backends/backend-failure.ts';

const refused = (status: number, reason?: string, message?: string, retryAfterSeconds?: number) =>
  new BackendFailure('call', 'refused', {
    outcome: 'nothing-done',
    refusal: { status, reason, message, retryAfterSeconds },
  });

describe('a refusal', () => {
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
    [409, undefined, 'CALL_CONFLICT', 409],
    [422, undefined, 'INVALID_ARGUMENT', 400],
    [429, undefined, 'RATE_LIMIT_EXCEEDED', 429],
  ])('of %i (%s) is answered with %s, %i', (status, why, reason, httpStatus) => {
    expect(answerToFailure(refused(status, why))).toMatchObject({ reason, httpStatus });
  });

  test('gives on the backend’s words, but not all of a book', () => {
    expect(answerToFailure(refused(402, 'X', 'no money')).message).toBe(
      'Nothing was dialled. The call backend says: no money',
    );
    expect(answerToFailure(refused(400, 'X', 'w'.repeat(10_000))).message.length).toBeLessThan(300);
    expect(answerToFailure(refused(409)).message).toBe(
      'Nothing was dialled. The call backend says: it answered 409',
    );
  });

  test('of our own standing says nothing of it', () => {
    expect(answerToFailure(refused(403, 'X', 'role arn:aws:iam::1:role/x may not')).message).toBe(
      'Something went wrong on our side. Nothing was dialled.',
    );
  });

  test.each([
    [undefined, 1],
    [30, 30],
  ])('for too many calls says when to come again: told %s, %i s', (told, seconds) => {
    expect(answerToFailure(refused(429, 'X', 'slow', told)).retryAfterSeconds).toBe(seconds);
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
      refusal: { status: 500, reason: undefined, message: 'stack trace', retryAfterSeconds: undefined },
    }),
    'SERVICE_UNAVAILABLE',
  ],
])('when %s', (_what, failure, reason) => {
  const error = answerToFailure(failure);
  expect(error).toMatchObject({ reason, httpStatus: 503, cause: failure });
  expect(error.message).not.toContain('stack trace');
});

describe('an error of a connection', () => {
  const withCode = (code: string) => Object.assign(new Error(code), { code });

  test.each([['ECONNREFUSED'], ['ENOTFOUND'], ['EAI_AGAIN'], ['EHOSTUNREACH'], ['ENETUNREACH']])(
    '%s means that nothing was done',
    (code) => {
      expect(outcomeOfError(withCode(code))).toBe('nothing-done');
    },
  );

  test.each([
    ['ECONNRESET', withCode('ECONNRESET')],
    ['EPIPE', withCode('EPIPE')],
    ['ETIMEDOUT', withCode('ETIMEDOUT')],
    ['no code', new Error('odd')],
    ['no error', 'odd'],
    [
      'one try of several that may have got through',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNRESET')]),
    ],
  ])('%s means that nothing is known', (_what, error) => {
    expect(outcomeOfError(error)).toBe('unknown');
  });

  test('of every address of a host means that nothing was done', () => {
    const tries = [withCode('ECONNREFUSED'), withCode('ENETUNREACH')];
    expect(outcomeOfError(new AggregateError(tries))).toBe('nothing-done');
  });
});
