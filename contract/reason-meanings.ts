import type { Reason } from '../functions/platform-error.ts';

/** What each reason of an error means to the client. Only for the OpenAPI document: no function's bundle contains these texts. */
export const REASON_MEANINGS: Readonly<Record<Reason, string>> = {
  INVALID_ARGUMENT: 'A field, header or query parameter is not acceptable.',
  INVALID_JSON_BODY: 'The body is not JSON that this API accepts.',
  INVALID_ID: 'The id in the path is not a UUID.',
  PROVIDER_NOT_FOUND: 'The provider does not exist or has been deleted.',
  FLOW_NOT_FOUND: 'The flow does not exist or has been deleted.',
  REQUEST_TOO_LARGE: 'The body is larger than the limit. The HTTP status is 413.',
  AUTHENTICATION_REQUIRED:
    'The credential is missing, malformed, expired or unknown, or there is more than one.',
  INSUFFICIENT_BALANCE: "The customer's balance does not cover the call.",
  PERMISSION_DENIED: 'The credential is valid but lacks PermissionProjectSuperAdmin.',
  DIRECT_ACCESS_NOT_SUPPORTED: 'A token of type "direct" cannot use this API.',
  PROVIDERCALL_NOT_FOUND: 'No ProviderCall of this customer has that id.',
  ROUTE_NOT_FOUND: 'There is no such path or method.',
  IDEMPOTENCY_KEY_REUSED: 'The Idempotency-Key was used before with a different body.',
  REQUEST_IN_PROGRESS: 'The first request with this Idempotency-Key is still in progress.',
  RATE_LIMIT_EXCEEDED:
    'Too many requests, or too many calls for the customer. Retry-After says how long to wait.',
  INTERNAL: 'Something went wrong on our side. The request can be found in the logs by its id.',
  SERVICE_UNAVAILABLE:
    'Part of the platform did not respond; `message` says whether anything was dialled. With an Idempotency-Key, it is safe to send the request again.',
  REQUEST_TIMEOUT:
    'The request timed out; `message` says whether anything was dialled. With an Idempotency-Key, it is safe to send the request again.',
  CALL_OUTCOME_UNKNOWN:
    'The calls may have been placed. The record with the id in `details` stays unconfirmed until this is settled; do not send the request as a new one.',
};
