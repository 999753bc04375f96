import { expect, test } from 'vitest';
import { StartError } from '../../src/start-error.ts';
import { parseResources } from '../../src/template/assembly.ts';

function parse(type: string, properties: object, other: object = {}) {
  return parseResources({ Resources: { Thing: { Type: type, Properties: properties, ...other } } });
}

const METHOD = {
  HttpMethod: 'GET',
  ResourceId: 'r',
  RestApiId: 'a',
  AuthorizationType: 'NONE',
  Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: 'u' },
};
function integration(changes: object) {
  return { ...METHOD, Integration: { ...METHOD.Integration, ...changes } };
}
const AUTHORIZER = { RestApiId: 'a', Type: 'REQUEST', AuthorizerUri: 'u', AuthorizerResultTtlInSeconds: 0 };
const STAGE = { RestApiId: 'a', DeploymentId: 'd', StageName: 's' };
const LAMBDA = { Code: { S3Bucket: 'b', S3Key: 'k' }, Handler: 'index.handler', Runtime: 'nodejs24.x' };
const TABLE = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const RESPONSE = { RestApiId: 'a', ResponseType: 'THROTTLED' };

test.each([
  ['AWS::ApiGateway::RestApi', { BinaryMediaTypes: ['image/png'] }, 'BinaryMediaTypes'],
  ['AWS::ApiGateway::RestApi', { Policy: {} }, 'Policy'],
  ['AWS::ApiGateway::RestApi', { Body: {} }, 'Body'],
  ['AWS::ApiGateway::RestApi', { MinimumCompressionSize: 1 }, 'MinimumCompressionSize'],
  [
    'AWS::ApiGateway::Resource',
    { RestApiId: 'a', ParentId: 'p', PathPart: '{proxy+}' },
    'PathPart = "{proxy+}"',
  ],
  ['AWS::ApiGateway::Method', { ...METHOD, AuthorizationType: 'AWS_IAM' }, 'AuthorizationType = "AWS_IAM"'],
  [
    'AWS::ApiGateway::Method',
    { ...METHOD, AuthorizationType: 'COGNITO_USER_POOLS' },
    'AuthorizationType = "COGNITO_USER_POOLS"',
  ],
  ['AWS::ApiGateway::Method', { ...METHOD, ApiKeyRequired: true }, 'ApiKeyRequired = true'],
  ['AWS::ApiGateway::Method', { ...METHOD, HttpMethod: 'ANY' }, 'HttpMethod = "ANY"'],
  ['AWS::ApiGateway::Method', { ...METHOD, RequestValidatorId: 'v' }, 'RequestValidatorId'],
  ['AWS::ApiGateway::Method', { ...METHOD, RequestModels: {} }, 'RequestModels'],
  ['AWS::ApiGateway::Method', integration({ Type: 'MOCK' }), 'Integration.Type = "MOCK"'],
  ['AWS::ApiGateway::Method', integration({ Type: 'HTTP_PROXY' }), 'Integration.Type = "HTTP_PROXY"'],
  ['AWS::ApiGateway::Method', integration({ RequestTemplates: {} }), 'Integration.RequestTemplates'],
  [
    'AWS::ApiGateway::Method',
    integration({ ContentHandling: 'CONVERT_TO_TEXT' }),
    'Integration.ContentHandling',
  ],
  ['AWS::ApiGateway::Authorizer', { ...AUTHORIZER, Type: 'TOKEN' }, 'Type = "TOKEN"'],
  [
    'AWS::ApiGateway::Authorizer',
    { ...AUTHORIZER, Type: 'COGNITO_USER_POOLS' },
    'Type = "COGNITO_USER_POOLS"',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...AUTHORIZER, AuthorizerResultTtlInSeconds: 300 },
    'AuthorizerResultTtlInSeconds = 300',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...AUTHORIZER, AuthorizerResultTtlInSeconds: undefined },
    'AuthorizerResultTtlInSeconds = absent',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...AUTHORIZER, IdentitySource: 'method.request.header.A' },
    'IdentitySource = "method.request.header.A"',
  ],
  ['AWS::ApiGateway::Stage', { ...STAGE, CanarySetting: {} }, 'CanarySetting'],
  ['AWS::ApiGateway::Stage', { ...STAGE, CacheClusterEnabled: true }, 'CacheClusterEnabled = true'],
  ['AWS::ApiGateway::Stage', { ...STAGE, ClientCertificateId: 'c' }, 'ClientCertificateId'],
  [
    'AWS::ApiGateway::GatewayResponse',
    { ...RESPONSE, ResponseTemplates: { 'text/html': '' } },
    'ResponseTemplates.text/html',
  ],
  [
    'AWS::ApiGateway::GatewayResponse',
    { ...RESPONSE, ResponseParameters: { 'gatewayresponse.header.A': 'method.request.header.B' } },
    'ResponseParameters.gatewayresponse.header.A = "method.request.header.B"',
  ],
  ['AWS::Lambda::Function', { ...LAMBDA, Runtime: 'python3.13' }, 'Runtime = "python3.13"'],
  ['AWS::Lambda::Function', { ...LAMBDA, Layers: [] }, 'Layers'],
  ['AWS::DynamoDB::Table', { ...TABLE, BillingMode: 'PROVISIONED' }, 'BillingMode = "PROVISIONED"'],
  ['AWS::DynamoDB::Table', { ...TABLE, LocalSecondaryIndexes: [] }, 'LocalSecondaryIndexes'],
  ['AWS::ApiGateway::UsagePlan', {}, ''],
  ['AWS::ApiGateway::ApiKey', {}, ''],
  ['AWS::ApiGateway::RequestValidator', {}, ''],
  ['AWS::ApiGateway::Model', {}, ''],
  ['AWS::ApiGateway::DomainName', {}, ''],
  ['AWS::ApiGateway::BasePathMapping', {}, ''],
  ['AWS::ApiGateway::VpcLink', {}, ''],
  ['AWS::ApiGatewayV2::Api', {}, ''],
  ['AWS::WAFv2::WebACLAssociation', {}, ''],
  ['AWS::Lambda::EventSourceMapping', {}, ''],
])('a %s with %o is rejected by name', (type, properties, name) => {
  const start = () => parse(type, properties);
  expect(start).toThrow(StartError);
  expect(start).toThrow(`not emulated on one machine: ${`${type} Thing ${name}`.trim()}`);
});

test('a resource under a condition is rejected', () => {
  expect(() => parse('AWS::DynamoDB::Table', TABLE, { Condition: 'InProduction' })).toThrow(
    'AWS::DynamoDB::Table Thing Condition = "InProduction"',
  );
});

test('everything that is rejected is listed in one line', () => {
  const start = () =>
    parseResources({
      Resources: {
        Plan: { Type: 'AWS::ApiGateway::UsagePlan' },
        Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Policy: {}, MinimumCompressionSize: 1 } },
      },
    });
  expect(start).toThrow(
    /^not emulated on one machine: AWS::ApiGateway::UsagePlan Plan; AWS::ApiGateway::RestApi Api Policy; AWS::ApiGateway::RestApi Api MinimumCompressionSize$/,
  );
});

test.each([
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::CloudWatch::Alarm',
  'AWS::Events::EventBus',
  'AWS::Pipes::Pipe',
])('%s is left out because it has no effect here', (type) => {
  expect(parse(type, { Anything: true })).toEqual(new Map());
});

test.each([
  ['AWS::ApiGateway::Method', METHOD],
  ['AWS::ApiGateway::Authorizer', AUTHORIZER],
  ['AWS::ApiGateway::Stage', STAGE],
  ['AWS::ApiGateway::GatewayResponse', RESPONSE],
  ['AWS::Lambda::Function', LAMBDA],
  ['AWS::DynamoDB::Table', TABLE],
])('a plain %s is accepted', (type, properties) => {
  expect([...parse(type, properties).keys()]).toEqual(['Thing']);
});
