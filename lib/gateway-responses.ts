import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { responseHeaders } from '../functions/http/response-headers.ts';

/** What the gateway answers by itself. A text that starts with `$context.` is filled in at the request. */
type GatewayAnswer = {
  /** undefined leaves the gateway's own code. */
  code?: string;
  status: string;
  reason: string;
  message: string;
  headers?: Record<string, string>;
};

const routeNotFound: GatewayAnswer = {
  code: '404',
  status: 'NOT_FOUND',
  reason: 'ROUTE_NOT_FOUND',
  message: 'There is no such route.',
};
const unauthenticated: GatewayAnswer = {
  code: '401',
  status: 'UNAUTHENTICATED',
  reason: 'AUTHENTICATION_REQUIRED',
  message: 'A valid credential is required.',
};
const invalid: GatewayAnswer = {
  code: '400',
  status: 'INVALID_ARGUMENT',
  reason: 'INVALID_ARGUMENT',
  message: 'The request is not valid.',
};
const tooMany: GatewayAnswer = {
  code: '429',
  status: 'RESOURCE_EXHAUSTED',
  reason: 'RATE_LIMIT_EXCEEDED',
  message: 'Too many requests; try again later.',
  headers: { 'Retry-After': "'1'" },
};
const internal: GatewayAnswer = {
  code: '500',
  status: 'INTERNAL',
  reason: 'INTERNAL',
  message: 'An internal error occurred.',
};

/**
 * Every answer that API Gateway makes without a function, in the platform's envelope.
 *
 * No method here takes an AWS signature, so INVALID_SIGNATURE is the gateway failing to read `Authorization: Bearer` as one
 * where it found no route. Authorization header texts are echoed in the gateway's own messages, which is one more reason
 * to use none of them.
 */
const answers: [apigateway.ResponseType, GatewayAnswer][] = [
  [apigateway.ResponseType.UNAUTHORIZED, unauthenticated],
  [apigateway.ResponseType.EXPIRED_TOKEN, unauthenticated],
  [apigateway.ResponseType.INVALID_API_KEY, unauthenticated],
  [
    apigateway.ResponseType.ACCESS_DENIED,
    {
      code: '403',
      status: 'PERMISSION_DENIED',
      reason: '$context.authorizer.reason',
      message: '$context.authorizer.message',
    },
  ],
  [apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, routeNotFound],
  [apigateway.ResponseType.RESOURCE_NOT_FOUND, routeNotFound],
  [apigateway.ResponseType.INVALID_SIGNATURE, routeNotFound],
  [
    apigateway.ResponseType.REQUEST_TOO_LARGE,
    {
      code: '413',
      status: 'INVALID_ARGUMENT',
      reason: 'REQUEST_TOO_LARGE',
      message: 'The request body is too large.',
    },
  ],
  [apigateway.ResponseType.THROTTLED, tooMany],
  [apigateway.ResponseType.QUOTA_EXCEEDED, tooMany],
  [apigateway.ResponseType.BAD_REQUEST_BODY, invalid],
  [apigateway.ResponseType.BAD_REQUEST_PARAMETERS, invalid],
  [apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE, invalid],
  [
    apigateway.ResponseType.INTEGRATION_TIMEOUT,
    {
      code: '503',
      status: 'UNAVAILABLE',
      reason: 'REQUEST_TIMEOUT',
      message: 'The request took too long; it may still have taken effect.',
    },
  ],
  [
    apigateway.ResponseType.INTEGRATION_FAILURE,
    {
      code: '503',
      status: 'UNAVAILABLE',
      reason: 'SERVICE_UNAVAILABLE',
      message: 'The service is not available; try again later.',
    },
  ],
  [apigateway.ResponseType.AUTHORIZER_FAILURE, internal],
  [apigateway.ResponseType.AUTHORIZER_CONFIGURATION_ERROR, internal],
  [apigateway.ResponseType.API_CONFIGURATION_ERROR, internal],
  [apigateway.ResponseType.DEFAULT_5XX, internal],
  // A code here would become the code of every 4xx that has no entry of its own.
  [apigateway.ResponseType.DEFAULT_4XX, { ...invalid, code: undefined }],
];

/**
 * The headers of the functions' answers, but for what the template gives itself. A fixed value stands in single quotes, so
 * one that has some of its own (Content-Security-Policy, which JSON hardly needs) cannot be told.
 */
const securityHeaders = Object.fromEntries(
  Object.entries(responseHeaders)
    .filter(([name, value]) => name !== 'Content-Type' && !value.includes("'"))
    .map(([name, value]) => [name, `'${value}'`]),
);

const envelope = ({ status, reason, message }: GatewayAnswer): string =>
  JSON.stringify({ error: { status, reason, message, request_id: '$context.requestId' } });

/** Puts the platform's envelope in place of each of the gateway's own answers, with the CORS headers where there are any. */
export const addGatewayResponses = (api: apigateway.RestApi, corsHeaders: Record<string, string>): void => {
  for (const [type, answer] of answers) {
    api.addGatewayResponse(type.responseType, {
      type,
      ...(answer.code !== undefined && { statusCode: answer.code }),
      responseHeaders: {
        'X-Request-Id': 'context.requestId',
        ...securityHeaders,
        ...answer.headers,
        ...corsHeaders,
      },
      templates: { 'application/json': envelope(answer) },
    });
  }
};
