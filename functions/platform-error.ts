/**
 * The status of every reason this API responds with; contract/reason-meanings.ts explains each. The OpenAPI document is
 * generated from it, so an error that is not here cannot occur.
 */
export const STATUS_OF_REASON = {
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
  RATE_LIMIT_EXCEEDED: 'RESOURCE_EXHAUSTED',
  INTERNAL: 'INTERNAL',
  SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  REQUEST_TIMEOUT: 'UNAVAILABLE',
  CALL_OUTCOME_UNKNOWN: 'UNAVAILABLE',
} as const;

export type Reason = keyof typeof STATUS_OF_REASON;

/** The platform's error statuses. */
export type Status = (typeof STATUS_OF_REASON)[Reason];

/** One fault: the field or the ProviderCall that it concerns. */
export type ErrorDetail = { field: string; message: string } | { providercall_id: string };

type PlatformErrorOptions = {
  details?: ErrorDetail[];
  /** Seconds after which the same request may succeed; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** Names of the fields at fault, if they are this API's own. Logged, unlike `details` and the message. */
  fields?: string[];
  /** The underlying error. Logged, never sent to the client. */
  cause?: unknown;
};

/**
 * An error whose message can be logged: it consists of our own words, names and figures, and quotes nothing that a client
 * or a backend sent.
 */
export class ReportableError extends Error {}

/**
 * The only error that logic throws and the edge turns into a response. `message` is for the client and says what to do
 * next.
 */
export class PlatformError extends Error {
  readonly reason: Reason;
  readonly details: ErrorDetail[];
  readonly fields: string[];
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: Reason, message: string, options: PlatformErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'PlatformError';
    this.reason = reason;
    this.details = options.details ?? [];
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Returns an error's status in the platform's envelope. Not a getter: the authorizer, which needs none, is smaller without the table. */
export function statusOf({ reason }: Pick<PlatformError, 'reason'>): Status {
  return STATUS_OF_REASON[reason];
}
