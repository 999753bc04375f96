import { expect, test } from 'vitest';
import { authorizerEvent, methodArn, proxyEvent, type RoutedRequest } from '../../src/gateway/proxy-event.ts';
import type { RestApiDefinition } from '../../src/template/rest-api.ts';

const LOCATION = { region: 'eu-west-1', accountId: '123456789012', stackName: 'S' };
const api: RestApiDefinition = {
  id: 'api',
  stage: 'live',
  stageVariables: undefined,
  root: { children: new Map(), parameter: undefined, methods: new Map() },
  gatewayResponses: new Map(),
  hasBinaryMedia: false,
  accessLogFormat: undefined,
};
const ROUTED: RoutedRequest = {
  requestId: 'request',
  extendedRequestId: 'extended',
  startedAt: Date.UTC(2026, 3, 9, 12, 34, 56),
  method: {
    httpMethod: 'POST',
    resourceId: 'Things',
    resourcePath: '/v1/things/{id}',
    functionArn: 'arn:f',
    integrationTimeoutMs: 29_000,
    authorizerArn: 'arn:a',
    throttle: undefined,
  },
  pathParameters: { id: '7' },
  request: {
    httpMethod: 'POST',
    path: '/v1/things/7',
    pathParts: ['v1', 'things', '7'],
    headers: { Host: ['api.example.com'], 'X-Two': ['a', 'b'] },
    query: { q: ['1', '2'] },
    sourceIp: '192.0.2.1',
    userAgent: null,
    protocol: 'HTTP/1.1',
  },
};
const BARE: RoutedRequest = { ...ROUTED, pathParameters: {}, request: { ...ROUTED.request, query: {} } };

const requestContext = expect.objectContaining({
  accountId: '123456789012',
  apiId: 'api',
  domainName: 'api.example.com',
  extendedRequestId: 'extended',
  httpMethod: 'POST',
  identity: expect.objectContaining({ sourceIp: '192.0.2.1', userAgent: null }),
  path: '/live/v1/things/7',
  protocol: 'HTTP/1.1',
  requestId: 'request',
  requestTime: '09/Apr/2026:12:34:56 +0000',
  requestTimeEpoch: 1775738096000,
  resourceId: 'Things',
  resourcePath: '/v1/things/{id}',
  stage: 'live',
});

test('a proxy event contains the request, with the last of each header and parameter as its single value', () => {
  const authorized = { ...ROUTED, authorizer: { context: { principalId: 'p' }, latencyMs: 3 } };
  expect(proxyEvent(authorized, api, LOCATION, Buffer.from('{}'))).toEqual({
    resource: '/v1/things/{id}',
    path: '/v1/things/7',
    httpMethod: 'POST',
    headers: { Host: 'api.example.com', 'X-Two': 'b' },
    multiValueHeaders: { Host: ['api.example.com'], 'X-Two': ['a', 'b'] },
    queryStringParameters: { q: '2' },
    multiValueQueryStringParameters: { q: ['1', '2'] },
    pathParameters: { id: '7' },
    stageVariables: null,
    requestContext,
    body: '{}',
    isBase64Encoded: false,
  });
  expect(proxyEvent(authorized, api, LOCATION, Buffer.from('{}')).requestContext.authorizer).toEqual({
    principalId: 'p',
    integrationLatency: 3,
  });
});

test('a proxy event has null for what the request does not have', () => {
  expect(proxyEvent(BARE, api, LOCATION, Buffer.from(''))).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: null,
  });
});

test('an authorizer event has empty maps for what the request does not have, and no body', () => {
  expect(authorizerEvent(BARE, api, LOCATION)).toEqual({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:api/live/POST/v1/things/7',
    resource: '/v1/things/{id}',
    path: '/v1/things/7',
    httpMethod: 'POST',
    headers: { Host: 'api.example.com', 'X-Two': 'b' },
    multiValueHeaders: { Host: ['api.example.com'], 'X-Two': ['a', 'b'] },
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: {},
    stageVariables: {},
    requestContext,
  });
});

test('a method’s ARN names the request’s own path, not the resource’s', () => {
  expect(methodArn(ROUTED, api, LOCATION)).toMatch(/\/POST\/v1\/things\/7$/);
});

test('a proxy event contains the body in base64 if every media type is binary', () => {
  const bytes = Buffer.from([0xa1, 0xb2, 0x00, 0xff]);
  expect(proxyEvent(BARE, { ...api, hasBinaryMedia: true }, LOCATION, bytes)).toMatchObject({
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  });
});
