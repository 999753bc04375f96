import type * as z from 'zod/mini';
import { httpStatusOf, type Status } from '../../../functions/platform-error.ts';

/** What a client can correct: where, and what is wrong there. */
export type RefusalDetail = { field: string; message: string };

type RefusalOptions = {
  details?: RefusalDetail[];
  /** Becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** Where HTTP knows it better than the platform's status. */
  httpStatus?: number;
};

/** A request that the stand-in refuses, in the platform's words. */
export class Refusal extends Error {
  readonly status: Status;
  readonly reason: string;
  readonly details: RefusalDetail[];
  readonly retryAfterSeconds: number | undefined;
  readonly httpStatus: number;

  constructor(status: Status, reason: string, message: string, options: RefusalOptions = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.httpStatus = options.httpStatus ?? httpStatusOf[status];
  }
}

/** A body or parameter that does not have its schema's form, each fault with its field. */
export function invalidArgument(issues: readonly z.core.$ZodIssue[]): Refusal {
  const details = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is not known' }))
      : [{ field: issue.path.join('.'), message: issue.message }],
  );
  return new Refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'The request is not acceptable.', { details });
}
