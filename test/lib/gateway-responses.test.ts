import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { RESPONSE_HEADERS } from '../../functions/http/response.ts';
import { PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);

const gatewayResponseSchema = z.object({
  ResponseType: z.string(),
  StatusCode: z.optional(z.string()),
  ResponseParameters: z.record(z.string(), z.string()),
  ResponseTemplates: z.strictObject({ 'application/json': z.string() }),
});

function gatewayResponsesOf(stack: SynthesizedStack) {
  return Object.values(stack.ofType('AWS::ApiGateway::GatewayResponse')).map(({ properties }) =>
    gatewayResponseSchema.parse(properties),
  );
}

const CHALLENGE = { 'WWW-Authenticate': "'Bearer'" };
const RATE_LIMITED = { 'Retry-After': "'1'" };
const GATEWAY_RESPONSES: [
  type: string,
  code: string | undefined,
  status: string,
  reason: string,
  more?: Record<string, string>,
][] = [
  ['UNAUTHORIZED', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED', CHALLENGE],
  ['EXPIRED_TOKEN', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED', CHALLENGE],
  ['INVALID_API_KEY', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED', CHALLENGE],
  ['ACCESS_DENIED', '403', 'PERMISSION_DENIED', '$context.authorizer.reason'],
  ['MISSING_AUTHENTICATION_TOKEN', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['RESOURCE_NOT_FOUND', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['INVALID_SIGNATURE', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['UNSUPPORTED_MEDIA_TYPE', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['REQUEST_TOO_LARGE', '413', 'INVALID_ARGUMENT', 'REQUEST_TOO_LARGE'],
  ['THROTTLED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', RATE_LIMITED],
  ['QUOTA_EXCEEDED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', RATE_LIMITED],
  ['BAD_REQUEST_BODY', '400', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['BAD_REQUEST_PARAMETERS', '400', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['INTEGRATION_TIMEOUT', '503', 'UNAVAILABLE', 'REQUEST_TIMEOUT'],
  ['INTEGRATION_FAILURE', '503', 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['AUTHORIZER_FAILURE', '500', 'INTERNAL', 'INTERNAL'],
  ['AUTHORIZER_CONFIGURATION_ERROR', '500', 'INTERNAL', 'INTERNAL'],
  ['API_CONFIGURATION_ERROR', '500', 'INTERNAL', 'INTERNAL'],
  ['DEFAULT_5XX', '500', 'INTERNAL', 'INTERNAL'],
  // A code here would apply to every 4xx without its own entry.
  ['DEFAULT_4XX', undefined, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
];

/** Headers that the template sets itself, or that cannot be in the single quotes of a fixed value. */
const { 'Content-Type': _type, 'Content-Security-Policy': _policy, ...fixedHeaders } = RESPONSE_HEADERS;

describe('the gateway’s responses', () => {
  test.each(GATEWAY_RESPONSES)(
    '%s has the code %s and the envelope of %s/%s',
    (type, code, status, reason, more = {}) => {
      const [response] = gatewayResponsesOf(prod).filter(({ ResponseType }) => ResponseType === type);
      const headers = {
        'X-Request-Id': 'context.requestId',
        ...Object.fromEntries(Object.entries(fixedHeaders).map(([name, value]) => [name, `'${value}'`])),
        ...more,
      };
      expect(response).toEqual({
        ResponseType: type,
        ...(code !== undefined && { StatusCode: code }),
        ResponseParameters: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, value]),
        ),
        ResponseTemplates: expect.anything(),
      });
      expect(JSON.parse(response?.ResponseTemplates['application/json'] ?? '')).toEqual({
        error: { status, reason, message: expect.stringMatching(/\w/), request_id: '$context.requestId' },
      });
    },
  );

  test('UNAUTHORIZED lists the possible faults of the credential', () => {
    const [response] = gatewayResponsesOf(prod).filter(({ ResponseType }) => ResponseType === 'UNAUTHORIZED');
    expect(JSON.parse(response?.ResponseTemplates['application/json'] ?? '').error.message).toMatch(
      /missing, malformed, expired or unknown/,
    );
  });

  test('every response type of the gateway is covered', () => {
    expect(
      gatewayResponsesOf(prod)
        .map(({ ResponseType }) => ResponseType)
        .toSorted(),
    ).toEqual(GATEWAY_RESPONSES.map(([type]) => type).toSorted());
  });
});

describe('the gateway’s own responses', () => {
  const originsIn = (stack: SynthesizedStack) =>
    new Set(
      gatewayResponsesOf(stack).map(
        ({ ResponseParameters }) => ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin'],
      ),
    );

  test.each([
    ['no page', undefined, undefined],
    ['pages of the one origin', 'https://admin.example.com', "'https://admin.example.com'"],
    // They cannot choose between two.
    ['no page', 'https://a.example.com,https://b.example.com', undefined],
  ])('the gateway’s own responses are readable by %s when corsOrigins is %s', (_who, corsOrigins, origin) => {
    const context = corsOrigins === undefined ? PRODUCTION : { ...PRODUCTION, corsOrigins };
    expect(originsIn(synthesizeProviderCall(context))).toEqual(new Set([origin]));
  });
});
