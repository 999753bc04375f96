import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { RESPONSE_HEADERS } from '../functions/http/response.ts';

/** Replaces each of the gateway's own responses by the platform's envelope, with CORS headers if there are any. */
export function addGatewayResponses(api: apigateway.RestApi, corsHeaders: Record<string, string>): void {
  for (const [type, response] of RESPONSES) {
    api.addGatewayResponse(type.responseType, {
      type,
      ...(response.code !== undefined && { statusCode: response.code }),
      responseHeaders: {
        'X-Request-Id': 'context.requestId',
        ...securityHeaders(),
        ...response.headers,
        ...corsHeaders,
      },
      templates: { 'application/json': envelope(response) },
    });
  }
}

/**
 * A response that the gateway creates without a function. A text that starts with `$context.` is filled in for each
 * request.
 */
type GatewayResponse = {
  /** undefined keeps the gateway's own status code. */
  code?: string;
  status: string;
  reason: string;
  message: string;
  headers?: Record<string, string>;
};

/** The response to a request for which there is no route. */
export const ROUTE_NOT_FOUND = {
  code: '404',
  status: 'NOT_FOUND',
  reason: 'ROUTE_NOT_FOUND',
  message: 'There is no such route.',
} as const satisfies GatewayResponse;

const UNAUTHENTICATED: GatewayResponse = {
  code: '401',
  status: 'UNAUTHENTICATED',
  reason: 'AUTHENTICATION_REQUIRED',
  // The gateway cannot tell which of them it is; the authorizer's log line says so.
  message:
    'A valid credential is required. This one is missing, malformed, expired or unknown, or not the only one.',
  headers: { 'WWW-Authenticate': "'Bearer'" },
};
const INVALID: GatewayResponse = {
  code: '400',
  status: 'INVALID_ARGUMENT',
  reason: 'INVALID_ARGUMENT',
  message: 'The request is not valid.',
};
const TOO_MANY: GatewayResponse = {
  code: '429',
  status: 'RESOURCE_EXHAUSTED',
  reason: 'RATE_LIMIT_EXCEEDED',
  message: 'Too many requests; try again later.',
  headers: { 'Retry-After': "'1'" },
};
const INTERNAL: GatewayResponse = {
  code: '500',
  status: 'INTERNAL',
  reason: 'INTERNAL',
  message: 'An internal error occurred.',
};

/**
 * Every response that API Gateway creates without a function, in the platform's envelope.
 *
 * No method here uses AWS signatures, so INVALID_SIGNATURE means that the gateway found no route and tried to read
 * `Authorization: Bearer` as a signature. UNSUPPORTED_MEDIA_TYPE does not come from a route either: only the
 * integration for unknown paths has request templates. The gateway echoes Authorization headers in its own messages,
 * which is one more reason to use none of them.
 */
const RESPONSES: [apigateway.ResponseType, GatewayResponse][] = [
  [apigateway.ResponseType.UNAUTHORIZED, UNAUTHENTICATED],
  [apigateway.ResponseType.EXPIRED_TOKEN, UNAUTHENTICATED],
  [apigateway.ResponseType.INVALID_API_KEY, UNAUTHENTICATED],
  [
    apigateway.ResponseType.ACCESS_DENIED,
    {
      code: '403',
      status: 'PERMISSION_DENIED',
      reason: '$context.authorizer.reason',
      message: '$context.authorizer.message',
    },
  ],
  [apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, ROUTE_NOT_FOUND],
  [apigateway.ResponseType.RESOURCE_NOT_FOUND, ROUTE_NOT_FOUND],
  [apigateway.ResponseType.INVALID_SIGNATURE, ROUTE_NOT_FOUND],
  [apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE, ROUTE_NOT_FOUND],
  [
    apigateway.ResponseType.REQUEST_TOO_LARGE,
    {
      code: '413',
      status: 'INVALID_ARGUMENT',
      reason: 'REQUEST_TOO_LARGE',
      message: 'The request body is too large.',
    },
  ],
  [apigateway.ResponseType.THROTTLED, TOO_MANY],
  [apigateway.ResponseType.QUOTA_EXCEEDED, TOO_MANY],
  [apigateway.ResponseType.BAD_REQUEST_BODY, INVALID],
  [apigateway.ResponseType.BAD_REQUEST_PARAMETERS, INVALID],
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
  [apigateway.ResponseType.AUTHORIZER_FAILURE, INTERNAL],
  [apigateway.ResponseType.AUTHORIZER_CONFIGURATION_ERROR, INTERNAL],
  [apigateway.ResponseType.API_CONFIGURATION_ERROR, INTERNAL],
  [apigateway.ResponseType.DEFAULT_5XX, INTERNAL],
  // A status code here would apply to every 4xx without an entry of its own.
  [apigateway.ResponseType.DEFAULT_4XX, { ...INVALID, code: undefined }],
];

/** Returns the template of a response's body in the platform's envelope. */
export function envelope({ status, reason, message }: Omit<GatewayResponse, 'code' | 'headers'>): string {
  return JSON.stringify({ error: { status, reason, message, request_id: '$context.requestId' } });
}

/**
 * Returns the headers of the functions' responses, except what the template sets itself. A fixed value is written in
 * single quotes, so a value that contains single quotes (Content-Security-Policy, which JSON hardly needs) cannot be
 * sent.
 */
export function securityHeaders(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(RESPONSE_HEADERS)
      .filter(([name, value]) => name !== 'Content-Type' && !value.includes("'"))
      .map(([name, value]) => [name, `'${value}'`]),
  );
}
