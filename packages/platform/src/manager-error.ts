import { HTTP_STATUS_OF } from '../../../functions/http/error-response.ts';
import type { Status } from '../../../functions/platform-error.ts';

/** A field that the client can correct, and what is wrong with it. */
export type ManagerErrorDetail = { field: string; message: string };

type ManagerErrorOptions = {
  details?: ManagerErrorDetail[];
  /** The value of the Retry-After header. */
  retryAfterSeconds?: number;
};

/** An error response of one of the managers. `message` is for the client. */
export class ManagerError extends Error {
  readonly status: Status;
  readonly reason: string;
  readonly details: ManagerErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Status, reason: string, message: string, options: ManagerErrorOptions = {}) {
    super(message);
    this.name = 'ManagerError';
    this.status = status;
    this.reason = reason;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get httpStatus(): number {
    return HTTP_STATUS_OF[this.status];
  }
}
