/** A host cannot be reached: 478 when it has no address, 403 when SIP_ALLOW does not name it, 503 for anything else. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
  readonly status: 403 | 478 | 503;

  constructor(status: 403 | 478 | 503, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
