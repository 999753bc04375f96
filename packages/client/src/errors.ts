import type { components } from './api.ts';

type Schemas = components['schemas'];
type ErrorSchemaName = Extract<keyof Schemas, `${string}Error`>;

/** The error inside the envelope, whatever its HTTP status. */
export type ApiErrorBody = Schemas[ErrorSchemaName]['error'];

/** The API rejected the request or failed. Branch on `reason`; `message` says what to do. */
export class ProviderCallApiError extends Error {
  override name = 'ProviderCallApiError';
  readonly httpStatus: number;
  readonly status: ApiErrorBody['status'];
  readonly reason: ApiErrorBody['reason'];
  /** Empty if neither the envelope nor the headers name one. */
  readonly requestId: string;
  readonly details: readonly Schemas['ErrorDetail'][];
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor({ error }: { error: ApiErrorBody }, { status, headers }: Pick<Response, 'status' | 'headers'>) {
    super(`${error.reason}: ${error.message}`);
    this.httpStatus = status;
    this.status = error.status;
    this.reason = error.reason;
    this.requestId = error.request_id ?? headers.get('X-Request-Id') ?? '';
    this.details = error.details ?? [];
    this.retryAfterSeconds = retryAfterSecondsOf(headers);
  }

  /** The record whose calls may have been placed, if the error says so (`CALL_OUTCOME_UNKNOWN`). */
  get providerCallId(): string | undefined {
    return this.details.flatMap((detail) => ('providercall_id' in detail ? [detail.providercall_id] : []))[0];
  }
}

/**
 * The response did not come from the API: a proxy's page, JSON of a different shape, `null`. After a POST, the calls
 * may have been placed.
 */
export class UnexpectedResponseError extends Error {
  override name = 'UnexpectedResponseError';
  readonly httpStatus: number;
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor(httpStatus: number, options: ErrorOptions & { retryAfterSeconds?: number | undefined } = {}) {
    const { retryAfterSeconds, ...cause } = options;
    super(`HTTP ${httpStatus} with a body that is not the API's`, cause);
    this.httpStatus = httpStatus;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The API cannot be reached, or the connection was lost. After a POST the calls may have been placed. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

/** There was no response within `timeoutMs`. After a POST the calls may have been placed. */
export class RequestTimeoutError extends Error {
  override name = 'RequestTimeoutError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no response within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** Returns the error for a response with an error status, from its body. */
export function errorOf(body: unknown, response: Pick<Response, 'status' | 'headers'>): Error {
  return isErrorEnvelope(body)
    ? new ProviderCallApiError(body, response)
    : new UnexpectedResponseError(response.status, {
        retryAfterSeconds: retryAfterSecondsOf(response.headers),
      });
}

function isErrorEnvelope(body: unknown): body is { error: ApiErrorBody } {
  return (
    isObject(body) &&
    isObject(body['error']) &&
    typeof body['error']['reason'] === 'string' &&
    typeof body['error']['message'] === 'string' &&
    typeof (body['error']['request_id'] ?? '') === 'string' &&
    // Go writes a nil slice as null.
    isListOf(body['error']['details'] ?? [], isDetail)
  );
}

/** Returns whether a JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns whether a JSON value is a list of such elements. */
export function isListOf(value: unknown, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isElement);
}

/** Later versions of the API may add kinds of details, but what is in those that this package knows must be text. */
function isDetail(detail: unknown): boolean {
  return (
    isObject(detail) &&
    (!('field' in detail) ||
      (typeof detail['field'] === 'string' && typeof detail['message'] === 'string')) &&
    (!('providercall_id' in detail) || typeof detail['providercall_id'] === 'string')
  );
}

/** Retry-After is seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfterSecondsOf(headers: Headers): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined;
}
