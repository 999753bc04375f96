import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { findMethod } from '../../src/gateway/find-method.ts';
import { parseResources, readAssembly, type StackTemplate } from '../../src/template/assembly.ts';
import { readFunctions } from '../../src/template/functions.ts';
import { createReferences } from '../../src/template/references.ts';
import { readRestApi } from '../../src/template/rest-api.ts';
import { synthesizeFixture } from '../fixture/stack.ts';

const LOCATION = { region: 'us-east-1', accountId: '000000000000', stackName: 'S' };
const directory = synthesizeFixture();
afterAll(() => rmSync(directory, { recursive: true }));

const template = readAssembly(directory);
const references = createReferences(template, LOCATION);
const api = readRestApi(template, references);
const functions = new Map(
  readFunctions(template, references).map((definition) => [definition.arn, definition]),
);

test.each([
  ['GET', 'v1.0/things', '/v1.0/things', {}],
  ['GET', 'v1.0/things/7', '/v1.0/things/{id}', { id: '7' }],
  ['GET', 'v1.0/things/named', '/v1.0/things/named', {}],
])('%s /%s is the method of %s', (httpMethod, path, resourcePath, pathParameters) => {
  expect(findMethod(api.root, path.split('/'), httpMethod)).toMatchObject({
    method: { httpMethod, resourcePath, throttle: { rateLimit: 1000, burstLimit: 1000 } },
    pathParameters,
  });
});

test('a method names functions of the template, without alias or version', () => {
  const found = findMethod(api.root, ['v1.0', 'things'], 'GET');
  expect(functions.has(found?.method.functionArn ?? '')).toBe(true);
  expect(functions.has(found?.method.authorizerArn ?? '')).toBe(true);
});

test('a method without authorization has no authorizer', () => {
  expect(findMethod(api.root, ['v1.0', 'open'], 'POST')?.method.authorizerArn).toBeUndefined();
});

test('a method’s own throttling and timeout take the place of the stage’s', () => {
  expect(findMethod(api.root, ['v1.0', 'slow'], 'GET')?.method.throttle).toEqual({
    rateLimit: 0.001,
    burstLimit: 2,
  });
  expect(findMethod(api.root, ['v1.0', 'hasty'], 'POST')?.method.integrationTimeoutMs).toBe(50);
});

test('gateway responses keep status, headers and template', () => {
  expect(api.gatewayResponses.get('MISSING_AUTHENTICATION_TOKEN')).toEqual({
    statusCode: 404,
    headers: { 'X-Request-Id': 'context.requestId', 'Cache-Control': "'no-store'" },
    template: '{"no":"route","id":"$context.requestId"}',
  });
  expect(api.gatewayResponses.get('DEFAULT_4XX')?.statusCode).toBeUndefined();
});

const REST_API = { Type: 'AWS::ApiGateway::RestApi', Properties: {} };
const STAGE = {
  Type: 'AWS::ApiGateway::Stage',
  Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: 'd', StageName: 's' },
};
const METHOD = {
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    HttpMethod: 'GET',
    ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    RestApiId: { Ref: 'Api' },
    AuthorizationType: 'NONE',
    Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: 'arn:elsewhere' },
  },
};

test.each([
  ['no REST API', {}, 'the template must contain exactly one REST API, but contains 0'],
  [
    'two stages',
    { Api: REST_API, One: STAGE, Two: STAGE },
    'the template must contain exactly one stage of the REST API, but contains 2',
  ],
  [
    'an integration that is not a function',
    { Api: REST_API, Stage: STAGE, Get: METHOD },
    'not emulated on one machine: integration URI arn:elsewhere',
  ],
  [
    'an authorizer that is not there',
    {
      Api: REST_API,
      Stage: STAGE,
      Get: {
        ...METHOD,
        Properties: { ...METHOD.Properties, AuthorizationType: 'CUSTOM', AuthorizerId: 'gone' },
      },
    },
    'Get names an authorizer that the template does not contain',
  ],
])('a template with %s is rejected', (_, Resources, message) => {
  const resources = parseResources({ Resources });
  const broken: StackTemplate = { stackName: 'S', resources, assetDirectories: new Map() };
  expect(() => readRestApi(broken, createReferences(broken, LOCATION))).toThrow(message);
});
