import { ConnectionError, ProviderCallApiError, UnexpectedResponseError } from './errors.ts';
import type { ApiRequest } from './send.ts';

const FIRST_DELAY_MS = 200;
/** Statuses with which a proxy responds for an API that may be reached a moment later. */
const TEMPORARY_PROXY_STATUSES = new Set([429, 502, 503, 504]);

/**
 * Returns how long to wait before a failed request is sent again, in milliseconds, or undefined if it must not be:
 *
 * | request | sent again after |
 * | --- | --- |
 * | GET | a lost connection, 503, 429 with Retry-After; a proxy's own 429, 502, 503 or 504 |
 * | PUT, DELETE | 429 with Retry-After |
 * | POST with an Idempotency-Key | a lost connection, 409 `REQUEST_IN_PROGRESS`, 429 with Retry-After |
 * | POST that is repeatable | a lost connection, 429 with Retry-After |
 * | any other POST | nothing |
 *
 * `CALL_OUTCOME_UNKNOWN` always ends a request: its calls may have been placed.
 */
export function delayBeforeRetry(
  { method, idempotencyKey, isRepeatable }: Pick<ApiRequest, 'method' | 'idempotencyKey' | 'isRepeatable'>,
  error: Error,
  retries: number,
): number | undefined {
  if (method === 'POST' && idempotencyKey === undefined && !isRepeatable) return undefined;
  const backOffMs = FIRST_DELAY_MS * 2 ** retries;
  if (error instanceof ConnectionError) return method === 'GET' || method === 'POST' ? backOffMs : undefined;
  if (!(error instanceof ProviderCallApiError || error instanceof UnexpectedResponseError)) return undefined;
  const { httpStatus, retryAfterSeconds } = error;
  const afterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  if (error instanceof UnexpectedResponseError) {
    return method === 'GET' && TEMPORARY_PROXY_STATUSES.has(httpStatus) ? (afterMs ?? backOffMs) : undefined;
  }
  const { reason } = error;
  if (reason === 'CALL_OUTCOME_UNKNOWN') return undefined;
  if (httpStatus === 429) return afterMs;
  if (httpStatus === 503 && method === 'GET') return afterMs ?? backOffMs;
  if (method === 'POST' && reason === 'REQUEST_IN_PROGRESS') return afterMs ?? backOffMs;
  return undefined;
}
