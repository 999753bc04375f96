import type { components } from './api.ts';

type Schemas = components['schemas'];
type SchemaName = keyof Schemas;
type ErrorSchemaName = Extract<SchemaName, `${string}Error`>;

/** The error inside the envelope, whatever its HTTP status. */
export type ApiErrorBody = Schemas[ErrorSchemaName]['error'];

/** The API refused or failed. `reason` is the one to branch on; `message` says what to do. */
export class ProviderCallApiError extends Error {
  readonly httpStatus: number;
  readonly status: ApiErrorBody['status'];
  readonly reason: ApiErrorBody['reason'];
  readonly requestId: string;
  readonly details: readonly Schemas['ErrorDetail'][];
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor({ error }: { error: ApiErrorBody }, response: Response) {
    super(`${error.reason}: ${error.message}`);
    this.name = 'ProviderCallApiError';
    this.httpStatus = response.status;
    this.status = error.status;
    this.reason = error.reason;
    this.requestId = error.request_id;
    this.details = error.details ?? [];
    const retryAfter = response.headers.get('Retry-After');
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }

  /** The record whose calls may have been placed, when that is what the error says (`CALL_OUTCOME_UNKNOWN`). */
  get providerCallId(): string | undefined {
    return this.details.flatMap((detail) => ('providercall_id' in detail ? [detail.providercall_id] : []))[0];
  }
}
