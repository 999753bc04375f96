import { expect, test } from 'vitest';
import { ConnectionError, errorOf, RequestTimeoutError, UnexpectedResponseError } from '../src/errors.ts';
import { delayBeforeRetry } from '../src/retry.ts';
import type { ApiRequest } from '../src/send.ts';

function response(status: number, retryAfter?: string) {
  return { status, headers: new Headers(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }) };
}

function error(status: number, reason: string, retryAfter?: string) {
  return errorOf({ error: { reason, message: 'Do this.' } }, response(status, retryAfter));
}

const failures = {
  'a lost connection': new ConnectionError('no response'),
  'our own timeout': new RequestTimeoutError(60_000),
  'a 200 that is not the API’s': new UnexpectedResponseError(200),
  'a proxy’s 403': new UnexpectedResponseError(403),
  'a proxy’s 429': new UnexpectedResponseError(429),
  'a proxy’s 429 with Retry-After': errorOf('slow down', response(429, '4')),
  'a proxy’s 500': new UnexpectedResponseError(500),
  'a proxy’s 502': errorOf(undefined, response(502)),
  'a proxy’s 503': new UnexpectedResponseError(503),
  'a proxy’s 504': new UnexpectedResponseError(504),
  '429 with Retry-After': error(429, 'RATE_LIMIT_EXCEEDED', '3'),
  '429 without Retry-After': error(429, 'RATE_LIMIT_EXCEEDED'),
  '503 with Retry-After': error(503, 'SERVICE_UNAVAILABLE', '2'),
  '503 without Retry-After': error(503, 'REQUEST_TIMEOUT'),
  '503 CALL_OUTCOME_UNKNOWN': error(503, 'CALL_OUTCOME_UNKNOWN', '1'),
  '409 REQUEST_IN_PROGRESS': error(409, 'REQUEST_IN_PROGRESS', '5'),
  '409 IDEMPOTENCY_KEY_REUSED': error(409, 'IDEMPOTENCY_KEY_REUSED'),
  '400': error(400, 'INVALID_ARGUMENT', '1'),
  '500': error(500, 'INTERNAL', '1'),
};
type Failure = keyof typeof failures;

const REQUESTS: [
  string,
  Pick<ApiRequest, 'method' | 'idempotencyKey' | 'isRepeatable'>,
  Partial<Record<Failure, number>>,
][] = [
  [
    'GET',
    { method: 'GET' },
    {
      'a lost connection': 200,
      '429 with Retry-After': 3000,
      '503 with Retry-After': 2000,
      '503 without Retry-After': 200,
      'a proxy’s 429': 200,
      'a proxy’s 429 with Retry-After': 4000,
      'a proxy’s 502': 200,
      'a proxy’s 503': 200,
      'a proxy’s 504': 200,
    },
  ],
  ['POST without a key', { method: 'POST' }, {}],
  [
    'POST with a key',
    { method: 'POST', idempotencyKey: 'k' },
    { 'a lost connection': 200, '429 with Retry-After': 3000, '409 REQUEST_IN_PROGRESS': 5000 },
  ],
  [
    'POST that may be repeated',
    { method: 'POST', isRepeatable: true },
    { 'a lost connection': 200, '429 with Retry-After': 3000, '409 REQUEST_IN_PROGRESS': 5000 },
  ],
  ['PUT', { method: 'PUT' }, { '429 with Retry-After': 3000 }],
  ['DELETE', { method: 'DELETE' }, { '429 with Retry-After': 3000 }],
];

test.each(REQUESTS)('%s is sent again only where that is safe', (_, request, expected) => {
  const delays = Object.entries(failures).flatMap(([name, failure]) => {
    const delay = delayBeforeRetry(request, failure, 0);
    return delay === undefined ? [] : [[name, delay]];
  });
  expect(Object.fromEntries(delays)).toEqual(expected);
});

test('without Retry-After each delay is twice the one before', () => {
  const delays = [0, 1, 2, 3].map((retries) =>
    delayBeforeRetry({ method: 'GET' }, new ConnectionError('no response'), retries),
  );
  expect(delays).toEqual([200, 400, 800, 1600]);
});
