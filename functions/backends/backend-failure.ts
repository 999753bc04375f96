import type { Incoming } from '../outbound/exchange.ts';

/**
 * What is known of a request that did not succeed: `nothing-done` when the backend has certainly not acted on it,
 * `unknown` when it may have.
 */
export type Outcome = 'nothing-done' | 'unknown';

/** What a backend said for itself, as far as it keeps to the platform's envelope. */
export type BackendRefusal = {
  status: number;
  reason: string | undefined;
  message: string | undefined;
  retryAfterSeconds: number | undefined;
};

/** A backend request that did not give an answer this code can use. `refusal` is there when it answered with an error. */
export class BackendFailure extends Error {
  readonly backend: string;
  readonly outcome: Outcome;
  readonly timedOut: boolean;
  readonly refusal: BackendRefusal | undefined;

  constructor(
    backend: string,
    message: string,
    known: { outcome: Outcome; timedOut?: boolean; refusal?: BackendRefusal; cause?: unknown },
  ) {
    super(`${backend} backend: ${message}`, { cause: known.cause });
    this.name = 'BackendFailure';
    this.backend = backend;
    this.outcome = known.outcome;
    this.timedOut = known.timedOut ?? false;
    this.refusal = known.refusal;
  }
}

/**
 * Errors of a connection that was never made (libuv's names): refused, no such name, no way there. With any other one
 * the request may have left before it failed.
 */
const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Names of all errors in it: Node tries every address of a host and gathers what each try met. */
const errorCodes = (error: unknown): (string | undefined)[] => {
  if (error instanceof AggregateError) return error.errors.flatMap(errorCodes);
  return [
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined,
  ];
};

/** What an exchange that ended in an error has done at the other end. */
export const outcomeOfError = (error: unknown): Outcome =>
  errorCodes(error).every((code) => code !== undefined && neverConnected.has(code))
    ? 'nothing-done'
    : 'unknown';

/**
 * What an answer that is not a success says about the deed: a 4xx refuses it. A 5xx may come after it, and a redirect
 * comes from something in between, of which nothing is known.
 */
export const outcomeOfStatus = (status: Incoming['status']): Outcome =>
  status >= 400 && status < 500 ? 'nothing-done' : 'unknown';
