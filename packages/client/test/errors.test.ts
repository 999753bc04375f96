import { afterEach, expect, test, vi } from 'vitest';
import { errorOf, ProviderCallApiError, UnexpectedResponseError } from '../src/errors.ts';

afterEach(() => void vi.useRealTimers());

function response(status: number, headers: Record<string, string> = {}) {
  return {
    status,
    headers: new Headers(headers),
  };
}
const ENVELOPE = { status: 'UNAVAILABLE', reason: 'CALL_OUTCOME_UNKNOWN', message: 'Read the record.' };

test('an error of the API carries every field of the envelope and the headers', () => {
  const details = [{ providercall_id: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f' }];
  const error = errorOf(
    { error: { ...ENVELOPE, request_id: 'r-1', details } },
    response(503, { 'Retry-After': '7' }),
  );
  expect(error).toBeInstanceOf(ProviderCallApiError);
  expect({ ...error, message: error.message }).toEqual({
    name: 'ProviderCallApiError',
    message: 'CALL_OUTCOME_UNKNOWN: Read the record.',
    httpStatus: 503,
    status: 'UNAVAILABLE',
    reason: 'CALL_OUTCOME_UNKNOWN',
    requestId: 'r-1',
    details,
    retryAfterSeconds: 7,
  });
  expect(error).toHaveProperty('providerCallId', 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f');
});

test.each([
  ['has neither request id nor details', ENVELOPE],
  // Go writes a nil slice as null.
  ['has null for both request id and details', { ...ENVELOPE, request_id: null, details: null }],
])('an envelope that %s takes the request id from the header', (_, error) => {
  expect(errorOf({ error }, response(503, { 'X-Request-Id': 'r-2' }))).toMatchObject({
    reason: 'CALL_OUTCOME_UNKNOWN',
    requestId: 'r-2',
    details: [],
    retryAfterSeconds: undefined,
    providerCallId: undefined,
  });
});

test.each([
  ['no JSON', undefined],
  ['null', null],
  ['a list', []],
  ['text', 'Bad Gateway'],
  ['an error that is null', { error: null }],
  ['an error that is text', { error: 'no' }],
  ['an error that is a list', { error: [] }],
  ['an error without a reason', { error: { message: 'no' } }],
  ['an error whose details are not a list', { error: { ...ENVELOPE, details: {} } }],
  ['an error whose details hold null', { error: { ...ENVELOPE, details: [null] } }],
  ['an error whose request id is a number', { error: { ...ENVELOPE, request_id: 1 } }],
  ['an error whose detail has no message', { error: { ...ENVELOPE, details: [{ field: 'source' }] } }],
  ['an error whose detail names no field', { error: { ...ENVELOPE, details: [{ field: 1, message: '' }] } }],
  ['an error whose record has no id', { error: { ...ENVELOPE, details: [{ providercall_id: null }] } }],
  ['the gateway’s own message', { message: 'Forbidden' }],
])('%s is not treated as an error of the API', (_, body) => {
  const error = errorOf(body, response(502));
  expect(error).toBeInstanceOf(UnexpectedResponseError);
  expect(error).toMatchObject({ httpStatus: 502, message: "HTTP 502 with a body that is not the API's" });
});

test.each([
  ['5', 5],
  ['0', 0],
  ['Tue, 21 Apr 2026 23:15:30 GMT', 30],
  ['Tue, 21 Apr 2026 23:14:00 GMT', 0],
  ['soon', undefined],
  ['-1', 0],
])('Retry-After: %s is read as %s seconds', (value, seconds) => {
  vi.useFakeTimers({ now: new Date('2026-04-21T23:15:00Z') });
  expect(errorOf({ error: ENVELOPE }, response(503, { 'Retry-After': value }))).toHaveProperty(
    'retryAfterSeconds',
    seconds,
  );
});
