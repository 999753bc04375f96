import {
  ConnectionError,
  ProviderCallApiError,
  RequestTimeoutError,
  UnexpectedResponseError,
} from '@provider-call/client';

/** What went wrong, in words for the admin: what happened, and what to do next. */
export type Failure = {
  kind:
    | 'credential'
    | 'permission'
    | 'not-found'
    | 'rejected'
    | 'conflict'
    | 'rate-limit'
    | 'unreachable'
    | 'timeout'
    | 'unreadable'
    | 'outcome-unknown'
    | 'server'
    | 'page';
  title: string;
  advice: string;
  /** For the operator, who finds the request in the logs by it. */
  requestId?: string;
  /** The API's own words about single fields. */
  details: readonly string[];
  retryAfterSeconds?: number;
  /** The record whose calls may have been placed. */
  providerCallId?: string;
};

/** Returns what an error means for the person who reads the page. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProviderCallApiError) return apiFailure(error);
  if (error instanceof RequestTimeoutError) {
    return {
      kind: 'timeout',
      title: `No response within ${Math.round(error.timeoutMs / 1_000)} seconds`,
      advice: 'The API or the network is slow. Try again; nothing on this page is lost.',
      details: [],
    };
  }
  if (error instanceof UnexpectedResponseError) return unreadable(error);
  if (error instanceof ConnectionError) {
    return {
      kind: 'unreachable',
      title: 'The API does not respond',
      advice:
        'Check that it is running and that this computer is online. The page tries again by itself where it is watching something; nothing on it is lost.',
      details: [],
    };
  }
  return {
    kind: 'page',
    title: 'This page has a fault',
    advice: 'Reload it. If that does not help, report what stands below.',
    details: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
  };
}

/** Returns whether an error only says that nobody waits for the response any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Returns whether the request certainly placed no call, so that its idempotency key is free again. */
export function isCertainlyNotPlaced({ kind }: Failure): boolean {
  return kind === 'rejected' || kind === 'credential' || kind === 'permission' || kind === 'rate-limit';
}

function apiFailure(error: ProviderCallApiError): Failure {
  const details = error.details.flatMap((detail) =>
    'field' in detail ? [`${detail.field}: ${detail.message}`] : [],
  );
  const common = {
    details,
    ...(error.requestId !== '' && { requestId: error.requestId }),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.providerCallId !== undefined && { providerCallId: error.providerCallId }),
  };
  // "REASON: message" without the reason, which a person does not need twice.
  const message = error.message.replace(`${error.reason}: `, '');
  const advice = ADVICE[error.reason];
  switch (error.httpStatus) {
    case 401:
      return {
        ...common,
        kind: 'credential',
        title: 'The API does not accept the credential',
        advice: message,
      };
    case 403:
      return { ...common, kind: 'permission', title: 'The credential lacks a permission', advice: message };
    case 404:
    case 410:
      return { ...common, kind: 'not-found', title: message, advice: advice ?? 'It may have been deleted.' };
    case 409:
      return { ...common, kind: 'conflict', title: message, advice: advice ?? 'Read the record first.' };
    case 429:
      return {
        ...common,
        kind: 'rate-limit',
        title: 'Too many requests',
        advice:
          error.retryAfterSeconds === undefined
            ? 'The API limits how often it may be asked. Wait a moment, then try again.'
            : `The API limits how often it may be asked. Try again in ${error.retryAfterSeconds} s.`,
      };
    default:
      if (error.reason === 'CALL_OUTCOME_UNKNOWN') {
        return {
          ...common,
          kind: 'outcome-unknown',
          title: 'Nobody knows yet whether the calls were placed',
          advice:
            'Do not send the request as a new one. The record is marked unconfirmed until the system has found out; it is settled within minutes.',
        };
      }
      if (error.httpStatus < 500) {
        return { ...common, kind: 'rejected', title: message, advice: advice ?? 'Correct the request.' };
      }
      return {
        ...common,
        kind: 'server',
        title: message,
        advice:
          'A part of the system does not work at the moment. Try again; if it persists, report the request id.',
      };
  }
}

/** By the API's reason, where there is more to say than its message does. */
const ADVICE: Readonly<Record<string, string>> = {
  PROVIDER_NOT_FOUND:
    'The provider does not exist or was deleted meanwhile. Choose another one; the rest of the form stays.',
  FLOW_NOT_FOUND:
    'The flow does not exist or was deleted meanwhile. Choose another one; the rest of the form stays.',
  PROVIDERCALL_NOT_FOUND: 'There is no such record, or it belongs to another customer than your credential.',
  CALL_NOT_FOUND: 'There is no such call, or it belongs to another customer than your credential.',
  ROUTE_NOT_FOUND: 'This API does not have that endpoint. It may be an older version.',
  IDEMPOTENCY_KEY_REUSED:
    'Another request was sent under this key. Discard it below, then place the call again.',
  REQUEST_IN_PROGRESS:
    'The first request is still under way. Send the same request again in a moment: it dials nothing twice.',
  INSUFFICIENT_BALANCE: 'Nothing was dialled. Top up the balance of your customer account.',
  REQUEST_TOO_LARGE: 'Nothing was dialled. Use fewer destinations or shorter actions.',
};

function unreadable({ httpStatus }: UnexpectedResponseError): Failure {
  const fromProxy = httpStatus >= 500;
  return {
    kind: 'unreadable',
    title: fromProxy ? `HTTP ${httpStatus}, but not from the API` : 'The response cannot be read',
    advice: fromProxy
      ? 'Something in front of the API responded in its place. Try again in a moment.'
      : 'It was cut off on the way, or something in front of the API changed it. Try again.',
    details: [],
  };
}
