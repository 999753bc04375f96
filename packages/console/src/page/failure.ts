import {
  ConnectionError,
  ProviderCallApiError,
  RequestTimeoutError,
  UnexpectedResponseError,
} from '@provider-call/client';

/** A failure as described to the admin: what happened, and what to do next. */
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
  /** The id by which the operator finds the request in the logs. */
  requestId?: string;
  /** The API's own messages about individual fields. */
  details: readonly string[];
  retryAfterSeconds?: number;
  /** The record whose calls may have been placed. */
  providerCallId?: string;
};

/** Returns what an error means for the user of the page. */
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
        'Check that it is running and that this computer is online. Live data on this page is requested again automatically; nothing on it is lost.',
      details: [],
    };
  }
  return {
    kind: 'page',
    title: 'An error occurred in this page',
    advice: 'Reload it. If that does not help, report the text below.',
    details: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
  };
}

/** Returns whether an error only means that the response is no longer wanted. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Returns whether the request certainly placed no calls, so that its idempotency key is free again. */
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
  // "REASON: message" without the reason, which need not be shown twice.
  const message = error.message.replace(`${error.reason}: `, '');
  const advice = ADVICE.get(error.reason);
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
          title: 'It is not known yet whether the calls were placed',
          advice:
            'Do not send the request as a new one. The record is marked unconfirmed until the system has found out, usually within minutes.',
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
          'Part of the system is not working at the moment. Try again; if the problem persists, report the request id.',
      };
  }
}

/** Advice by the API's reason, for errors whose message does not say enough. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'PROVIDER_NOT_FOUND',
    'The provider does not exist or has been deleted. Choose another one; the rest of the form is kept.',
  ],
  [
    'FLOW_NOT_FOUND',
    'The flow does not exist or has been deleted. Choose another one; the rest of the form is kept.',
  ],
  [
    'PROVIDERCALL_NOT_FOUND',
    'There is no such record, or it does not belong to the customer of your credential.',
  ],
  ['CALL_NOT_FOUND', 'There is no such call, or it does not belong to the customer of your credential.'],
  ['ROUTE_NOT_FOUND', 'This API does not have that endpoint. It may be an older version.'],
  [
    'IDEMPOTENCY_KEY_REUSED',
    'Another request was sent under this key. Discard it below, then place the call again.',
  ],
  [
    'REQUEST_IN_PROGRESS',
    'The first request is still in progress. Send the same request again in a moment; nothing is dialled twice.',
  ],
  ['INSUFFICIENT_BALANCE', 'Nothing was dialled. Top up the balance of your customer account.'],
  ['REQUEST_TOO_LARGE', 'Nothing was dialled. Use fewer destinations or shorter actions.'],
]);

function unreadable({ httpStatus }: UnexpectedResponseError): Failure {
  const fromProxy = httpStatus >= 500;
  return {
    kind: 'unreadable',
    title: fromProxy ? `HTTP ${httpStatus}, but not from the API` : 'The response cannot be read',
    advice: fromProxy
      ? 'Something in front of the API responded instead of it. Try again in a moment.'
      : 'It was cut off in transit, or something in front of the API changed it. Try again.',
    details: [],
  };
}
