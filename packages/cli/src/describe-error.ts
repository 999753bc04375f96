import {
  ConnectionError,
  ProviderCallApiError,
  RequestTimeoutError,
  UnexpectedResponseError,
} from '@provider-call/client';
import { CliError, EXIT } from './cli-error.ts';
import { plainLine, plainText } from './plain-text.ts';

/** Returns the line to print and the exit code for an error that ends the command. */
export function describeError(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CliError) return error;
  if (error instanceof ProviderCallApiError) return describeApiError(error);
  if (error instanceof ConnectionError) {
    return {
      message: `${error.message} (${causeOf(error)}): check PROVIDERCALL_URL, and that the API is running`,
      exitCode: EXIT.apiUnreachable,
    };
  }
  if (error instanceof RequestTimeoutError) {
    return { message: `the API gave ${error.message}: try again later`, exitCode: EXIT.apiUnreachable };
  }
  if (error instanceof UnexpectedResponseError) {
    return {
      message: `${error.message}: check PROVIDERCALL_URL, it must be the API's address with /v1.0`,
      exitCode: EXIT.apiUnreachable,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message: plainText(message).replaceAll('\n', ' '), exitCode: EXIT.local };
}

function describeApiError(error: ProviderCallApiError): { message: string; exitCode: number } {
  const { httpStatus, reason, requestId, providerCallId } = error;
  const fields = error.details.flatMap((detail) =>
    'field' in detail ? [`${detail.field} ${detail.message}`] : [],
  );
  const details = fields.length === 0 ? '' : ` (${fields.join('; ')})`;
  const request = requestId === '' ? '' : ` [request ${requestId}]`;
  if (httpStatus === 401) {
    return {
      message: plainLine(
        `${error.message}${request}: set another PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY, or unset both and run providercall login`,
      ),
      exitCode: EXIT.credential,
    };
  }
  if (httpStatus === 403) {
    return {
      message: plainLine(`${error.message}${request}: use a credential with PermissionProjectSuperAdmin`),
      exitCode: EXIT.credential,
    };
  }
  if (reason === 'CALL_OUTCOME_UNKNOWN') {
    const record =
      providerCallId === undefined ? '' : `; providercall get ${providerCallId} shows the record`;
    return { message: plainLine(`${error.message}${request}${record}`), exitCode: EXIT.outcomeUnknown };
  }
  return { message: plainLine(`${error.message}${details}${request}`), exitCode: EXIT.refused };
}

/** Returns whether a request that failed with this error certainly never left this machine. */
export function wasNeverSent(error: Error): boolean {
  return (
    error instanceof ConnectionError &&
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(causeOf(error))
  );
}

/** Returns whether a request that failed with this error may succeed later. A proxy's own 502 passes like the API's 503. */
export function isTemporary(error: unknown): error is Error {
  if (error instanceof ProviderCallApiError || error instanceof UnexpectedResponseError) {
    return error.httpStatus >= 500 || error.httpStatus === 429;
  }
  return error instanceof ConnectionError || error instanceof RequestTimeoutError;
}

/** Returns the code, or else the message, of the innermost cause of an error from Node's fetch. */
function causeOf({ cause }: Error): string {
  if (!(cause instanceof Error)) return 'connection lost';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.cause instanceof Error ? causeOf(cause) : plainText(cause.message);
}
