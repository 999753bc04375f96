import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { responseHeaders } from '../../functions/http/response-headers.ts';
import { oneMachine, production, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const sandbox = synthesizeProviderCall({});
const prod = synthesizeProviderCall(production);

const resourceSchema = z.object({ PathPart: z.string(), ParentId: z.string() });
const methodSchema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.string(),
  AuthorizerId: z.optional(z.string()),
  Integration: z.object({ Type: z.string(), Uri: z.optional(z.string()) }),
});

/** Every method of the API as "GET /v1.0/x → function", with `open` before it where nobody is asked who calls. */
const routesOf = (stack: SynthesizedStack): string[] => {
  const resources = stack.ofType('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const found = resources[id];
    if (found === undefined) return '';
    const { PathPart, ParentId } = resourceSchema.parse(found.properties);
    return `${pathOf(ParentId)}/${PathPart}`;
  };
  return Object.values(stack.ofType('AWS::ApiGateway::Method'))
    .map(({ properties }) => {
      const { HttpMethod, ResourceId, AuthorizationType, AuthorizerId, Integration } =
        methodSchema.parse(properties);
      const guarded = AuthorizationType === 'CUSTOM' && AuthorizerId === 'ApiAuthorizer';
      const target = /functions\/(?<called>\w+)(?:\.Arn)?\/invocations$/.exec(Integration.Uri ?? '')
        ?.groups?.['called'];
      return `${guarded ? '' : 'open '}${HttpMethod} ${pathOf(ResourceId)} → ${target ?? Integration.Type}`;
    })
    .toSorted();
};

const underBothPrefixes = (routes: string[]): string[] =>
  ['/v1.0', '/v1'].flatMap((prefix) => routes.map((route) => route.replace('/', `${prefix}/`))).toSorted();

/** Everything else is the platform's 404, whoever sends it. */
const unknownRoutes = ['open ANY  → MOCK', 'open ANY /{proxy+} → MOCK'];

const providerCallRoutes = [
  'POST /providercalls → FunctionsCreateLive',
  'GET /providercalls → FunctionsListLive',
  'GET /providercalls/{id} → FunctionsGetLive',
  'DELETE /providercalls/{id} → FunctionsDeleteLive',
];
const platformRoutes = [
  'GET /providers → PlatformApiLive',
  'POST /providers → PlatformApiLive',
  'GET /providers/{id} → PlatformApiLive',
  'PUT /providers/{id} → PlatformApiLive',
  'DELETE /providers/{id} → PlatformApiLive',
  'GET /flows → PlatformApiLive',
  'GET /flows/{id} → PlatformApiLive',
  'GET /calls/{id} → PlatformApiLive',
  'GET /calls/{id}/sip-trace → PlatformApiLive',
  'POST /calls/{id}/hangup → PlatformApiLive',
  'GET /groupcalls/{id} → PlatformApiLive',
];

describe('routes, each under both prefixes and behind the authorizer', () => {
  test('with real backends: those of ProviderCall', () => {
    expect(routesOf(prod)).toEqual([...underBothPrefixes(providerCallRoutes), ...unknownRoutes]);
  });

  test('with the stand-in: the platform’s own too', () => {
    expect(routesOf(sandbox)).toEqual([
      ...underBothPrefixes([...providerCallRoutes, ...platformRoutes]),
      ...unknownRoutes,
    ]);
  });

  test('on one machine: the same, to the functions themselves', () => {
    const routes = [...providerCallRoutes, ...platformRoutes].map((route) =>
      route.replace(/(?:Functions)?(\w+)Live$/, '$1Function'),
    );
    expect(routesOf(synthesizeProviderCall(oneMachine))).toEqual(underBothPrefixes(routes));
  });
});

test('the authorizer is asked for every request, wherever the credential is, and its answers are not kept', () => {
  const authorizers = sandbox.ofType('AWS::ApiGateway::Authorizer');
  expect(Object.values(authorizers).map(({ properties }) => properties)).toEqual([
    {
      Type: 'REQUEST',
      Name: expect.any(String),
      RestApiId: 'ApiRestApi',
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: '',
      AuthorizerUri: expect.stringMatching(/functions\/FunctionsAuthorizeLive\/invocations$/),
    },
  ]);
});

const stageOf = (stack: SynthesizedStack) => {
  const [stage, ...more] = Object.values(stack.ofType('AWS::ApiGateway::Stage'));
  if (stage === undefined || more.length > 0) throw new Error('there is not one stage');
  return stage.properties;
};

test('each method is throttled, the two that place calls together to 5 a second, and nothing of a request is in an execution log', () => {
  const every = {
    ThrottlingRateLimit: 100,
    ThrottlingBurstLimit: 200,
    LoggingLevel: 'OFF',
    DataTraceEnabled: false,
  };
  // Without a level of its own a method has none.
  const create = { ThrottlingRateLimit: 2.5, ThrottlingBurstLimit: 5, DataTraceEnabled: false };
  expect(stageOf(prod)['MethodSettings']).toEqual([
    { HttpMethod: '*', ResourcePath: '/*', ...every },
    { HttpMethod: 'POST', ResourcePath: '/~1v1.0~1providercalls', ...create },
    { HttpMethod: 'POST', ResourcePath: '/~1v1~1providercalls', ...create },
  ]);
});

describe('the access log', () => {
  const settingSchema = z.object({ DestinationArn: z.string(), Format: z.string() });
  const variables = (stack: SynthesizedStack) =>
    z
      .record(z.string(), z.string().check(z.regex(/^\$context\.[\w.]+$/)))
      .parse(JSON.parse(settingSchema.parse(stageOf(stack)['AccessLogSetting']).Format));

  test('has who, what and how it ended, and no path, query, header or body', () => {
    expect(variables(prod)).toEqual({
      request_id: '$context.requestId',
      extended_request_id: '$context.extendedRequestId',
      time: '$context.requestTime',
      source_ip: '$context.identity.sourceIp',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      status: '$context.status',
      response_type: '$context.error.responseType',
      response_bytes: '$context.responseLength',
      latency_ms: '$context.responseLatency',
      integration_latency_ms: '$context.integrationLatency',
      integration_status: '$context.integrationStatus',
      authorizer_latency_ms: '$context.authorizer.latency',
      customer_id: '$context.authorizer.customer_id',
      actor_type: '$context.authorizer.actor_type',
      actor_id: '$context.authorizer.actor_id',
    });
  });

  test('is the same on one machine', () => {
    expect(variables(synthesizeProviderCall(oneMachine))).toEqual(variables(prod));
  });

  test('is kept for a month', () => {
    expect(settingSchema.parse(stageOf(prod)['AccessLogSetting']).DestinationArn).toBe(
      'arn:AWS::Partition:logs:AWS::Region:AWS::AccountId:log-group:ApiAccessLog',
    );
    expect(prod.ofType('AWS::Logs::LogGroup')['ApiAccessLog']?.properties['RetentionInDays']).toBe(30);
  });
});

const gatewayResponseSchema = z.object({
  ResponseType: z.string(),
  StatusCode: z.optional(z.string()),
  ResponseParameters: z.record(z.string(), z.string()),
  ResponseTemplates: z.strictObject({ 'application/json': z.string() }),
});

const gatewayResponsesOf = (stack: SynthesizedStack) =>
  Object.values(stack.ofType('AWS::ApiGateway::GatewayResponse')).map(({ properties }) =>
    gatewayResponseSchema.parse(properties),
  );

const rateLimited = { 'Retry-After': "'1'" };
const gatewayAnswers: [
  type: string,
  code: string | undefined,
  status: string,
  reason: string,
  more?: Record<string, string>,
][] = [
  ['UNAUTHORIZED', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED'],
  ['EXPIRED_TOKEN', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED'],
  ['INVALID_API_KEY', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED'],
  ['ACCESS_DENIED', '403', 'PERMISSION_DENIED', '$context.authorizer.reason'],
  ['MISSING_AUTHENTICATION_TOKEN', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['RESOURCE_NOT_FOUND', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['INVALID_SIGNATURE', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['UNSUPPORTED_MEDIA_TYPE', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
  ['REQUEST_TOO_LARGE', '413', 'INVALID_ARGUMENT', 'REQUEST_TOO_LARGE'],
  ['THROTTLED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', rateLimited],
  ['QUOTA_EXCEEDED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', rateLimited],
  ['BAD_REQUEST_BODY', '400', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['BAD_REQUEST_PARAMETERS', '400', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['INTEGRATION_TIMEOUT', '503', 'UNAVAILABLE', 'REQUEST_TIMEOUT'],
  ['INTEGRATION_FAILURE', '503', 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['AUTHORIZER_FAILURE', '500', 'INTERNAL', 'INTERNAL'],
  ['AUTHORIZER_CONFIGURATION_ERROR', '500', 'INTERNAL', 'INTERNAL'],
  ['API_CONFIGURATION_ERROR', '500', 'INTERNAL', 'INTERNAL'],
  ['DEFAULT_5XX', '500', 'INTERNAL', 'INTERNAL'],
  // A code here would be that of every 4xx without an entry of its own.
  ['DEFAULT_4XX', undefined, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
];

/** What the template gives itself, and what cannot stand in the single quotes of a fixed value. */
const { 'Content-Type': _type, 'Content-Security-Policy': _policy, ...fixedHeaders } = responseHeaders;

describe('what the gateway answers by itself', () => {
  test.each(gatewayAnswers)(
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

  test('there is no other', () => {
    expect(
      gatewayResponsesOf(prod)
        .map(({ ResponseType }) => ResponseType)
        .toSorted(),
    ).toEqual(gatewayAnswers.map(([type]) => type).toSorted());
  });
});

describe('pages of other origins', () => {
  const originsIn = (stack: SynthesizedStack) =>
    new Set(
      gatewayResponsesOf(stack).map(
        ({ ResponseParameters }) => ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin'],
      ),
    );

  test('may read nothing unless they are named', () => {
    expect(originsIn(prod)).toEqual(new Set([undefined]));
    expect(routesOf(prod).filter((route) => route.includes('OPTIONS'))).toEqual([]);
  });

  test('may read the gateway’s own answers when there is one, and ask beforehand without a credential', () => {
    const open = synthesizeProviderCall({ ...production, corsOrigins: 'https://admin.example.com' });
    expect(originsIn(open)).toEqual(new Set(["'https://admin.example.com'"]));
    expect(routesOf(open)).toEqual(expect.arrayContaining(['open OPTIONS /v1.0/providercalls → MOCK']));
    expect(routesOf(open).filter((route) => route.startsWith('open') && !route.includes('OPTIONS'))).toEqual(
      unknownRoutes,
    );
  });
});

describe('the way in', () => {
  const restApiOf = (stack: SynthesizedStack) =>
    stack.ofType('AWS::ApiGateway::RestApi')['ApiRestApi']?.properties;

  test('is the regional endpoint', () => {
    expect(restApiOf(prod)).toMatchObject({
      DisableExecuteApiEndpoint: false,
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  test('is the domain alone where there is one, with its base path and DNS record', () => {
    const stack = synthesizeProviderCall({
      ...production,
      domainName: 'calls.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0000',
      basePath: 'api',
      hostedZoneId: 'Z0123',
      hostedZoneName: 'example.com',
    });
    expect(restApiOf(stack)).toMatchObject({ DisableExecuteApiEndpoint: true });
    expect(Object.values(stack.ofType('AWS::ApiGateway::DomainName'))).toMatchObject([
      { properties: { DomainName: 'calls.example.com', SecurityPolicy: 'TLS_1_2' } },
    ]);
    expect(Object.values(stack.ofType('AWS::ApiGateway::BasePathMapping'))).toMatchObject([
      { properties: { BasePath: 'api', RestApiId: 'ApiRestApi' } },
    ]);
    expect(Object.values(stack.ofType('AWS::Route53::RecordSet'))).toMatchObject([
      { properties: { Name: 'calls.example.com.', HostedZoneId: 'Z0123', Type: 'A' } },
    ]);
    expect(stack.outputs['Url']).toBe('https://calls.example.com/api/');
    expect(stack.outputs['DomainTarget']).toBe('DomainDomainName.RegionalDomainName');
  });
});
