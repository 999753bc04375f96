/** Writes what went wrong, as one line of JSON on standard error. */
export function logError(error: unknown, requestId?: string): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ level: 'error', service: 'sandbox', request_id: requestId, message }));
}
