/** Exit codes; with several calls, the worst one in the order 20, 12, 11, 15, 14, 10. */
export const EXIT = {
  /** Every call was answered; for `verify` and `compare`, the result is as expected. */
  ok: 0,
  notAsExpected: 1,
  usage: 2,
  /** The API rejected the request. */
  refused: 3,
  credential: 4,
  apiUnreachable: 5,
  /** Busy or not answered. */
  notAnswered: 10,
  /** Rejected by the provider, including failed authentication. */
  rejected: 11,
  /** The provider is unreachable: no such name, no response. */
  providerUnreachable: 12,
  cancelled: 14,
  /** Blocked, or a fault on our side. */
  local: 15,
  outcomeUnknown: 20,
  /** Ctrl-C twice. */
  interrupted: 130,
} as const;

/** An error that ends a command, with one line for the user and the exit code. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
