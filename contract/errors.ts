import { httpStatusOf } from '../functions/http/error-response.ts';
import { PlatformError, type Reason, STATUS_OF_REASON } from '../functions/platform-error.ts';
import { REASON_MEANINGS } from './reason-meanings.ts';
import { errorSchemaOf } from './response-schemas.ts';

/** Reasons of the platform's own endpoints for a 404; those of this API are in the functions' table. */
const PLATFORM_NOT_FOUND = {
  PROVIDER_NOT_FOUND: 'There is no such provider.',
  FLOW_NOT_FOUND: 'The customer has no such flow.',
  CALL_NOT_FOUND: 'The customer has no such call.',
  GROUPCALL_NOT_FOUND: 'The customer has no such groupcall.',
  TIMELINE_NOT_FOUND: 'No messages of the call were captured, or the capture has expired.',
} as const;

/** What each HTTP status of an error means, and the name of its schema and response in the document. */
const ERROR_RESPONSES = {
  400: { name: 'InvalidRequest', summary: 'The request is not acceptable. Nothing was dialled or written.' },
  401: { name: 'Unauthenticated', summary: 'There is no valid credential.' },
  402: { name: 'PaymentRequired', summary: 'The balance is not sufficient. Nothing was dialled.' },
  403: { name: 'PermissionDenied', summary: 'The credential is valid, but not a project super-admin’s.' },
  404: { name: 'NotFound', summary: 'It does not exist.' },
  409: { name: 'Conflict', summary: 'The request conflicts with an earlier one, or with the current state.' },
  413: { name: 'TooLarge', summary: 'The body is over the limit.' },
  429: { name: 'RateLimited', summary: 'Too many requests or calls. Nothing was dialled.' },
  500: { name: 'InternalError', summary: 'Something went wrong on our side.' },
  503: { name: 'Unavailable', summary: 'Part of the platform did not respond in time, or not at all.' },
} as const;

/** An HTTP status with which an error is reported. */
export type ErrorHttpStatus = keyof typeof ERROR_RESPONSES;

type KnownReason = { reason: string; status: string; meaning: string };

const httpStatuses = Object.keys(ERROR_RESPONSES)
  .map(Number)
  .filter((status): status is ErrorHttpStatus => status in ERROR_RESPONSES);

/** One schema for each HTTP status of an error, by name, with all reasons that are possible for it. */
export const errorSchemas = Object.fromEntries(
  httpStatuses.map((httpStatus) => {
    const known = reasonsOf(httpStatus);
    const schema = errorSchemaOf(
      [...new Set(known.map(({ status }) => status))],
      known.map(({ reason }) => reason),
    );
    return [errorSchemaName(httpStatus), schema];
  }),
);

/** The error responses of all operations, by name, each with what its reasons mean. */
export const errorResponses = Object.fromEntries(
  httpStatuses.map((httpStatus) => {
    const known = reasonsOf(httpStatus);
    const { name, summary } = ERROR_RESPONSES[httpStatus];
    return [
      name,
      {
        description: [summary, '', ...known.map(({ reason, meaning }) => `- \`${reason}\`: ${meaning}`)].join(
          '\n',
        ),
        headers: {
          'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
          ...(httpStatus === 401 && {
            'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' },
          }),
          ...(hasRetryAfter(httpStatus) && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
          ...(httpStatus === 503 && {
            'X-ProviderCall-State': { $ref: '#/components/headers/X-ProviderCall-State' },
          }),
        },
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${errorSchemaName(httpStatus)}` },
            examples: Object.fromEntries(known.map((one) => [one.reason, exampleOf(one)])),
          },
        },
      },
    ];
  }),
);

/** Returns references to the error responses of an operation, for its `responses`. */
export function errorsOf(...statuses: ErrorHttpStatus[]): Record<string, { $ref: string }> {
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${ERROR_RESPONSES[status].name}` }]),
  );
}

function reasonsOf(httpStatus: ErrorHttpStatus): KnownReason[] {
  return [
    ...Object.keys(STATUS_OF_REASON)
      .filter(isReason)
      .filter((reason) => httpStatusOf(new PlatformError(reason, '')) === httpStatus)
      .map((reason) => ({ reason, status: STATUS_OF_REASON[reason], meaning: REASON_MEANINGS[reason] })),
    ...(httpStatus === 404
      ? Object.entries(PLATFORM_NOT_FOUND).map(([reason, meaning]) => ({
          reason,
          status: 'NOT_FOUND',
          meaning,
        }))
      : []),
  ];
}

function isReason(text: string): text is Reason {
  return text in STATUS_OF_REASON;
}

/** Returns the document's name for the schema of errors with an HTTP status. */
function errorSchemaName(httpStatus: ErrorHttpStatus): string {
  return `${ERROR_RESPONSES[httpStatus].name}Error`;
}

function hasRetryAfter(httpStatus: ErrorHttpStatus): boolean {
  return httpStatus === 409 || httpStatus === 429;
}

function exampleOf({ reason, status, meaning }: KnownReason) {
  return {
    summary: meaning,
    value: {
      error: {
        status,
        reason,
        message: meaning,
        request_id: '5f0c2f53-1d4b-4a57-9a53-7f0f3f1f2c11',
        ...(reason === 'INVALID_ARGUMENT' && {
          details: [{ field: 'destinations[0].target', message: 'must not be empty' }],
        }),
        ...(reason === 'CALL_OUTCOME_UNKNOWN' && {
          details: [{ providercall_id: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f' }],
        }),
      },
    },
  };
}
