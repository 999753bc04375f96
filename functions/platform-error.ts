/**
 * The platform's error statuses with the HTTP status of each, and every reason this API answers with.
 * The OpenAPI document is generated from these two tables, so an error that is not here cannot be answered.
 */
export const httpStatusOf = {
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
} as const;

export type Status = keyof typeof httpStatusOf;

export const reasons = {
  INVALID_ARGUMENT: {
    status: 'INVALID_ARGUMENT',
    meaning: 'A field, header or query parameter is not acceptable.',
  },
  INVALID_JSON_BODY: {
    status: 'INVALID_ARGUMENT',
    meaning: 'The body is not JSON of the kind this API takes.',
  },
  INVALID_ID: { status: 'INVALID_ARGUMENT', meaning: 'The id in the path is not a UUID.' },
  PROVIDER_NOT_FOUND: {
    status: 'INVALID_ARGUMENT',
    meaning: 'The provider does not exist or has been deleted.',
  },
  FLOW_NOT_FOUND: { status: 'INVALID_ARGUMENT', meaning: 'The flow does not exist or has been deleted.' },
  REQUEST_TOO_LARGE: { status: 'INVALID_ARGUMENT', meaning: 'The body is over the limit. Answered as 413.' },
  AUTHENTICATION_REQUIRED: {
    status: 'UNAUTHENTICATED',
    meaning: 'The credential is missing, malformed, expired or unknown, or there is more than one.',
  },
  INSUFFICIENT_BALANCE: {
    status: 'PAYMENT_REQUIRED',
    meaning: "The customer's balance does not cover the call.",
  },
  PERMISSION_DENIED: {
    status: 'PERMISSION_DENIED',
    meaning: 'The credential is good but lacks PermissionProjectSuperAdmin.',
  },
  DIRECT_ACCESS_NOT_SUPPORTED: {
    status: 'PERMISSION_DENIED',
    meaning: 'A token of type "direct" cannot use this API.',
  },
  PROVIDERCALL_NOT_FOUND: {
    status: 'NOT_FOUND',
    meaning: 'No ProviderCall of this customer has that id.',
  },
  ROUTE_NOT_FOUND: { status: 'NOT_FOUND', meaning: 'There is no such path or method.' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 'ALREADY_EXISTS',
    meaning: 'The Idempotency-Key was used before with another body.',
  },
  REQUEST_IN_PROGRESS: {
    status: 'FAILED_PRECONDITION',
    meaning: 'The first request with this Idempotency-Key is still under way.',
  },
  CALL_CONFLICT: {
    status: 'FAILED_PRECONDITION',
    meaning: 'The call backend refused the calls because of their present state.',
  },
  RATE_LIMIT_EXCEEDED: {
    status: 'RESOURCE_EXHAUSTED',
    meaning: 'Too many requests, or too many calls for the customer. Retry-After says how long to wait.',
  },
  INTERNAL: { status: 'INTERNAL', meaning: 'Something went wrong on our side.' },
  SERVICE_UNAVAILABLE: {
    status: 'UNAVAILABLE',
    meaning: 'A part of the platform did not answer. Nothing was dialled.',
  },
  REQUEST_TIMEOUT: { status: 'UNAVAILABLE', meaning: 'The request ran out of time.' },
  CALL_OUTCOME_UNKNOWN: {
    status: 'UNAVAILABLE',
    meaning:
      'The calls may have been placed. The record with the id in details stays unconfirmed until that is settled; do not send the request anew.',
  },
} as const satisfies Record<string, { status: Status; meaning: string }>;

export type Reason = keyof typeof reasons;

/** One fault: the field it is about, or the ProviderCall it is about. */
export type ErrorDetail = { field: string; message: string } | { providercall_id: string };

type PlatformErrorOptions = {
  details?: ErrorDetail[];
  /** Seconds after which the same request may succeed; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** What led to it. Goes to the log, never to the client. */
  cause?: unknown;
};

/** The one error that logic throws and the edge turns into an answer. `message` is for the client: it says what to do next. */
export class PlatformError extends Error {
  readonly reason: Reason;
  readonly details: ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: Reason, message: string, options: PlatformErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'PlatformError';
    this.reason = reason;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): Status {
    return reasons[this.reason].status;
  }

  /** HTTP status of the answer. The platform has no status of its own for a body that is too large, so its reason decides. */
  get httpStatus(): number {
    return this.reason === 'REQUEST_TOO_LARGE' ? 413 : httpStatusOf[this.status];
  }
}
