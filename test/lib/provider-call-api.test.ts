import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { responseHeaders } from '../../functions/http/response-headers.ts';
import { productionContext, templateOf } from './synthesized.ts';

const reference = z.object({ Ref: z.string() });
const resourceSchema = z.object({
  Properties: z.object({
    PathPart: z.string(),
    ParentId: z.union([reference, z.object({ 'Fn::GetAtt': z.array(z.string()) })]),
  }),
});
const methodSchema = z.object({
  Properties: z.object({
    HttpMethod: z.string(),
    ResourceId: reference,
    AuthorizationType: z.string(),
    AuthorizerId: z.optional(reference),
    Integration: z.object({ Type: z.string() }),
  }),
});

/** Method and path of every route, with how it is guarded. */
const routesOf = (template: Template) => {
  const resources = new Map(
    Object.entries(template.findResources('AWS::ApiGateway::Resource')).map(([id, resource]) => [
      id,
      resourceSchema.parse(resource).Properties,
    ]),
  );
  const pathOf = (id: string): string => {
    const resource = resources.get(id);
    if (resource === undefined) return '';
    return `${'Ref' in resource.ParentId ? pathOf(resource.ParentId.Ref) : ''}/${resource.PathPart}`;
  };
  return Object.values(template.findResources('AWS::ApiGateway::Method'))
    .map((method) => methodSchema.parse(method).Properties)
    .map(({ HttpMethod, ResourceId, AuthorizationType, AuthorizerId, Integration }) => ({
      route: `${HttpMethod} ${pathOf(ResourceId.Ref)}`,
      guarded: AuthorizationType === 'CUSTOM' && AuthorizerId !== undefined,
      integration: Integration.Type,
    }))
    .sort((a, b) => (a.route < b.route ? -1 : 1));
};

let template: Template;
beforeAll(() => {
  template = templateOf(productionContext, 'provider-call-prod');
});

test('each verb is there under both prefixes, behind the authorizer', () => {
  const routes = ['/v1', '/v1.0'].flatMap((prefix) => [
    `DELETE ${prefix}/providercalls/{id}`,
    `GET ${prefix}/providercalls`,
    `GET ${prefix}/providercalls/{id}`,
    `POST ${prefix}/providercalls`,
  ]);
  expect(routesOf(template)).toEqual(
    routes.toSorted().map((route) => ({ route, guarded: true, integration: 'AWS_PROXY' })),
  );
});

test("with the stand-in, the platform's endpoints are there too, behind the same authorizer", () => {
  const routes = routesOf(templateOf({}, 'provider-call-sandbox'));
  expect(routes.map(({ route }) => route)).toEqual(
    expect.arrayContaining([
      'GET /v1.0/providers',
      'GET /v1.0/providers/{id}',
      'GET /v1.0/flows',
      'GET /v1.0/flows/{id}',
      'GET /v1.0/calls/{id}',
      'POST /v1.0/calls/{id}/hangup',
      'GET /v1.0/groupcalls/{id}',
    ]),
  );
  expect(routes.filter(({ guarded }) => !guarded)).toEqual([]);
});

test('the authorizer is asked for every request', () => {
  template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
    Type: 'REQUEST',
    AuthorizerResultTtlInSeconds: 0,
  });
});

describe("the gateway's own answers are in the platform's envelope:", () => {
  test.each([
    ['UNAUTHORIZED', '401', 'UNAUTHENTICATED', 'AUTHENTICATION_REQUIRED'],
    ['ACCESS_DENIED', '403', 'PERMISSION_DENIED', '$context.authorizer.reason'],
    ['MISSING_AUTHENTICATION_TOKEN', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
    ['RESOURCE_NOT_FOUND', '404', 'NOT_FOUND', 'ROUTE_NOT_FOUND'],
    ['REQUEST_TOO_LARGE', '413', 'INVALID_ARGUMENT', 'REQUEST_TOO_LARGE'],
    ['THROTTLED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED'],
    ['QUOTA_EXCEEDED', '429', 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED'],
    ['INTEGRATION_TIMEOUT', '503', 'UNAVAILABLE', 'REQUEST_TIMEOUT'],
    ['INTEGRATION_FAILURE', '503', 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
    ['AUTHORIZER_FAILURE', '500', 'INTERNAL', 'INTERNAL'],
    ['DEFAULT_5XX', '500', 'INTERNAL', 'INTERNAL'],
  ])('%s is %s', (ResponseType, StatusCode, status, reason) => {
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType,
      StatusCode,
      ResponseParameters: Match.objectLike({
        'gatewayresponse.header.X-Request-Id': 'context.requestId',
        'gatewayresponse.header.Cache-Control': `'${responseHeaders['Cache-Control']}'`,
      }),
      ResponseTemplates: {
        'application/json': Match.serializedJson({
          error: { status, reason, message: Match.anyValue(), request_id: '$context.requestId' },
        }),
      },
    });
  });

  test('any other 4xx keeps its status', () => {
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'DEFAULT_4XX',
      StatusCode: Match.absent(),
    });
  });

  test('a throttled client is told when to come again', () => {
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'THROTTLED',
      ResponseParameters: Match.objectLike({ 'gatewayresponse.header.Retry-After': "'1'" }),
    });
  });
});

test('POST is throttled far lower than reads, under both prefixes', () => {
  template.hasResourceProperties('AWS::ApiGateway::Stage', {
    MethodSettings: Match.arrayWith([
      Match.objectLike({ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 100 }),
      Match.objectLike({
        HttpMethod: 'POST',
        ResourcePath: '/~1v1.0~1providercalls',
        ThrottlingRateLimit: 5,
      }),
      Match.objectLike({ HttpMethod: 'POST', ResourcePath: '/~1v1~1providercalls', ThrottlingRateLimit: 5 }),
    ]),
  });
});

test('the access log has neither the path nor the query that was sent', () => {
  const stages = z
    .record(
      z.string(),
      z.object({ Properties: z.object({ AccessLogSetting: z.object({ Format: z.string() }) }) }),
    )
    .parse(template.findResources('AWS::ApiGateway::Stage'));
  const formats = Object.values(stages).map(({ Properties }) => Properties.AccessLogSetting.Format);
  expect(formats).toHaveLength(1);
  expect(formats.join()).not.toMatch(/context\.(path|protocol)|querystring|header|params/i);
});
