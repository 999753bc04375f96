/**
 * The platform's error statuses with the HTTP status of each. With the table of reasons below it is what the OpenAPI
 * document is generated from, so an error that is not here cannot be answered.
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

/** The status of every reason this API answers with; contract/reason-meanings.ts says what each means. */
export const statusOfReason = {
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  INVALID_JSON_BODY: 'INVALID_ARGUMENT',
  INVALID_ID: 'INVALID_ARGUMENT',
  PROVIDER_NOT_FOUND: 'INVALID_ARGUMENT',
  FLOW_NOT_FOUND: 'INVALID_ARGUMENT',
  REQUEST_TOO_LARGE: 'INVALID_ARGUMENT',
  AUTHENTICATION_REQUIRED: 'UNAUTHENTICATED',
  INSUFFICIENT_BALANCE: 'PAYMENT_REQUIRED',
  PERMISSION_DENIED: 'PERMISSION_DENIED',
  DIRECT_ACCESS_NOT_SUPPORTED: 'PERMISSION_DENIED',
  PROVIDERCALL_NOT_FOUND: 'NOT_FOUND',
  ROUTE_NOT_FOUND: 'NOT_FOUND',
  IDEMPOTENCY_KEY_REUSED: 'ALREADY_EXISTS',
  REQUEST_IN_PROGRESS: 'FAILED_PRECONDITION',
  CALL_CONFLICT: 'FAILED_PRECONDITION',
  RATE_LIMIT_EXCEEDED: 'RESOURCE_EXHAUSTED',
  INTERNAL: 'INTERNAL',
  SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  REQUEST_TIMEOUT: 'UNAVAILABLE',
  CALL_OUTCOME_UNKNOWN: 'UNAVAILABLE',
} as const satisfies Record<string, Status>;

export type Reason = keyof typeof statusOfReason;

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
    return statusOfReason[this.reason];
  }

  /** HTTP status of the answer. The platform has no status of its own for a body that is too large, so its reason decides. */
  get httpStatus(): number {
    return this.reason === 'REQUEST_TOO_LARGE' ? 413 : httpStatusOf[this.status];
  }
}
