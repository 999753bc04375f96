import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { buildApp } from '../../lib/app.ts';
import { parseSettings } from '../../lib/settings.ts';
import { ONE_MACHINE, PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const sandbox = synthesizeProviderCall({});
const prod = synthesizeProviderCall(PRODUCTION);

const resourceSchema = z.object({ PathPart: z.string(), ParentId: z.string() });
const methodSchema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.string(),
  AuthorizerId: z.optional(z.string()),
  Integration: z.object({ Type: z.string(), Uri: z.optional(z.string()) }),
});

/** Returns every method of the API as "GET /v1.0/x → function", preceded by `open` if it has no authorizer. */
function routesOf(stack: SynthesizedStack): string[] {
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
}

function underBothPrefixes(routes: string[]): string[] {
  return ['/v1.0', '/v1']
    .flatMap((prefix) => routes.map((route) => route.replace('/', `${prefix}/`)))
    .toSorted();
}

/** Everything else is the platform's 404, for everyone. */
const UNKNOWN_ROUTES = ['open ANY  → MOCK', 'open ANY /{proxy+} → MOCK'];

const PROVIDER_CALL_ROUTES = [
  'POST /providercalls → FunctionsCreateLive',
  'GET /providercalls → FunctionsListLive',
  'GET /providercalls/{id} → FunctionsGetLive',
  'DELETE /providercalls/{id} → FunctionsDeleteLive',
];
const PLATFORM_ROUTES = [
  'GET /providers → PlatformApiLive',
  'POST /providers → PlatformApiLive',
  'GET /providers/{id} → PlatformApiLive',
  'PUT /providers/{id} → PlatformApiLive',
  'DELETE /providers/{id} → PlatformApiLive',
  'GET /flows → PlatformApiLive',
  'GET /flows/{id} → PlatformApiLive',
  'GET /calls → PlatformApiLive',
  'GET /calls/{id} → PlatformApiLive',
  'POST /calls/{id}/hangup → PlatformApiLive',
  'GET /groupcalls/{id} → PlatformApiLive',
  'GET /timelines/calls/{id}/sip-analysis → PlatformApiLive',
  'GET /timelines/calls/{id}/pcap → PlatformApiLive',
  'GET /timelines/calls/{id}/events → PlatformApiLive',
];

describe('routes, each under both prefixes and behind the authorizer', () => {
  test('the API has the routes of ProviderCall when there are real backends', () => {
    expect(routesOf(prod)).toEqual([...underBothPrefixes(PROVIDER_CALL_ROUTES), ...UNKNOWN_ROUTES]);
  });

  test('the API has the platform’s routes too when the platform stand-in is used', () => {
    expect(routesOf(sandbox)).toEqual([
      ...underBothPrefixes([...PROVIDER_CALL_ROUTES, ...PLATFORM_ROUTES]),
      ...UNKNOWN_ROUTES,
    ]);
  });

  test('the API on one machine has the same routes, to the functions themselves', () => {
    const routes = [...PROVIDER_CALL_ROUTES, ...PLATFORM_ROUTES].map((route) =>
      route.replace(/(?:Functions)?(\w+)Live$/, '$1Function'),
    );
    expect(routesOf(synthesizeProviderCall(ONE_MACHINE))).toEqual(underBothPrefixes(routes));
  });
});

test('the authorizer runs for every request, wherever the credential is, and its results are not cached', () => {
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

function stageOf(stack: SynthesizedStack) {
  const [stage, ...more] = Object.values(stack.ofType('AWS::ApiGateway::Stage'));
  if (stage === undefined || more.length > 0) throw new Error('there is not one stage');
  return stage.properties;
}

test('each method is throttled, the two that place calls together to 5 a second, and no execution log is written', () => {
  const every = {
    ThrottlingRateLimit: 100,
    ThrottlingBurstLimit: 200,
    LoggingLevel: 'OFF',
    DataTraceEnabled: false,
  };
  // A method without its own level has none.
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

  test('the access log has the route and the outcome of a request, and no path, query, header or body', () => {
    expect(variables(prod)).toEqual({
      request_id: '$context.requestId',
      time: '$context.requestTimeEpoch',
      source_ip: '$context.identity.sourceIp',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      status: '$context.status',
      response_type: '$context.error.responseType',
      response_bytes: '$context.responseLength',
      latency_ms: '$context.responseLatency',
    });
  });

  test('the access log is the same on one machine', () => {
    expect(variables(synthesizeProviderCall(ONE_MACHINE))).toEqual(variables(prod));
  });

  test('the access log is kept for a month', () => {
    expect(settingSchema.parse(stageOf(prod)['AccessLogSetting']).DestinationArn).toBe(
      'arn:AWS::Partition:logs:AWS::Region:AWS::AccountId:log-group:ApiAccessLog',
    );
    expect(prod.ofType('AWS::Logs::LogGroup')['ApiAccessLog']?.properties['RetentionInDays']).toBe(30);
  });
});

describe('the endpoint', () => {
  const restApiOf = (stack: SynthesizedStack) =>
    stack.ofType('AWS::ApiGateway::RestApi')['ApiRestApi']?.properties;

  test('the API is served at its regional endpoint', () => {
    expect(restApiOf(prod)).toMatchObject({
      DisableExecuteApiEndpoint: false,
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  test('the API is served only at the custom domain if there is one, with its base path and DNS record', () => {
    const stack = synthesizeProviderCall({
      ...PRODUCTION,
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

test('a changed authorizer redeploys the API, which would use the old one otherwise', () => {
  const deploymentOf = (resultsCacheTtl: Duration) => {
    const app = buildApp({ settings: parseSettings(PRODUCTION), validate: false });
    const stack = new Stack(app, 'Stack');
    const code = lambda.Code.fromInline('exports.handler = async () => {};');
    const handler = new lambda.Function(stack, 'Function', {
      code,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
    });
    const api = new apigateway.RestApi(stack, 'Api');
    api.root.addMethod('GET', new apigateway.LambdaIntegration(handler), {
      authorizer: new apigateway.RequestAuthorizer(stack, 'Authorizer', {
        handler,
        identitySources: ['method.request.header.Authorization'],
        resultsCacheTtl,
      }),
    });
    return Object.keys(Template.fromStack(stack).findResources('AWS::ApiGateway::Deployment'));
  };
  expect(deploymentOf(Duration.seconds(1))).not.toEqual(deploymentOf(Duration.seconds(2)));
});
