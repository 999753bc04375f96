import { httpStatusOf } from '../functions/http/error-response.ts';
import { PlatformError, type Reason, STATUS_OF_REASON } from '../functions/platform-error.ts';
import { reasonMeanings } from './reason-meanings.ts';
import { errorSchemaOf } from './response-schemas.ts';

/** Why the platform's own endpoints answer 404: those of this API are in the functions' table. */
const platformNotFound = {
  PROVIDER_NOT_FOUND: 'There is no such provider.',
  FLOW_NOT_FOUND: 'The customer has no such flow.',
  CALL_NOT_FOUND: 'The customer has no such call.',
  GROUPCALL_NOT_FOUND: 'The customer has no such groupcall.',
  TIMELINE_NOT_FOUND: 'Nothing was captured of the call, or what was captured has expired.',
} as const;

/** What one HTTP status of an error means, and the name of its schema and response in the document. */
const answers = {
  400: { name: 'InvalidRequest', summary: 'The request is not acceptable. Nothing was dialled or written.' },
  401: { name: 'Unauthenticated', summary: 'There is no good credential.' },
  402: { name: 'PaymentRequired', summary: 'The balance does not suffice. Nothing was dialled.' },
  403: { name: 'PermissionDenied', summary: 'The credential is good, but not a project super-admin’s.' },
  404: { name: 'NotFound', summary: 'There is no such thing.' },
  409: { name: 'Conflict', summary: 'The request contradicts an earlier one, or the present state.' },
  413: { name: 'TooLarge', summary: 'The body is over the limit.' },
  429: { name: 'RateLimited', summary: 'Too many. Nothing was dialled.' },
  500: { name: 'InternalError', summary: 'Something went wrong on our side.' },
  503: { name: 'Unavailable', summary: 'A part of the platform did not answer, or not in time.' },
} as const;

export type ErrorHttpStatus = keyof typeof answers;

type KnownReason = { reason: string; status: string; meaning: string };

const isReason = (text: string): text is Reason => text in STATUS_OF_REASON;

const reasonsOf = (httpStatus: ErrorHttpStatus): KnownReason[] => [
  ...Object.keys(STATUS_OF_REASON)
    .filter(isReason)
    .filter((reason) => httpStatusOf(new PlatformError(reason, '')) === httpStatus)
    .map((reason) => ({ reason, status: STATUS_OF_REASON[reason], meaning: reasonMeanings[reason] })),
  ...(httpStatus === 404
    ? Object.entries(platformNotFound).map(([reason, meaning]) => ({ reason, status: 'NOT_FOUND', meaning }))
    : []),
];

const httpStatuses = Object.keys(answers)
  .map(Number)
  .filter((status): status is ErrorHttpStatus => status in answers);

/** One schema for each HTTP status of an error, by name: the reasons that it can have are all in it. */
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

/** Name in the document of the schema of errors with an HTTP status. */
export function errorSchemaName(httpStatus: ErrorHttpStatus): string {
  return `${answers[httpStatus].name}Error`;
}

const hasRetryAfter = (httpStatus: ErrorHttpStatus) => httpStatus === 409 || httpStatus === 429;

const exampleOf = ({ reason, status, meaning }: KnownReason) => ({
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
});

/** The responses of all operations that are errors, by name, each with what its reasons mean. */
export const errorResponses = Object.fromEntries(
  httpStatuses.map((httpStatus) => {
    const known = reasonsOf(httpStatus);
    const { name, summary } = answers[httpStatus];
    return [
      name,
      {
        description: [summary, '', ...known.map(({ reason, meaning }) => `- \`${reason}\`: ${meaning}`)].join(
          '\n',
        ),
        headers: {
          'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
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

/** References to the responses of an operation that answers these errors, as its `responses` takes them. */
export const errorsOf = (...httpStatuses: ErrorHttpStatus[]) =>
  Object.fromEntries(
    httpStatuses.map((httpStatus) => [
      httpStatus,
      { $ref: `#/components/responses/${answers[httpStatus].name}` },
    ]),
  );
