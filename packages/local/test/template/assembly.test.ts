import { expect, test } from 'vitest';
import { StartError } from '../../src/start-error.ts';
import { parseResources } from '../../src/template/assembly.ts';

function parse(type: string, properties: object, other: object = {}) {
  return parseResources({ Resources: { Thing: { Type: type, Properties: properties, ...other } } });
}

const method = {
  HttpMethod: 'GET',
  ResourceId: 'r',
  RestApiId: 'a',
  AuthorizationType: 'NONE',
  Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: 'u' },
};
function integration(changes: object) {
  return { ...method, Integration: { ...method.Integration, ...changes } };
}
const authorizer = { RestApiId: 'a', Type: 'REQUEST', AuthorizerUri: 'u', AuthorizerResultTtlInSeconds: 0 };
const stage = { RestApiId: 'a', DeploymentId: 'd', StageName: 's' };
const lambda = { Code: { S3Bucket: 'b', S3Key: 'k' }, Handler: 'index.handler', Runtime: 'nodejs24.x' };
const table = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const response = { RestApiId: 'a', ResponseType: 'THROTTLED' };

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
  ['AWS::ApiGateway::Method', { ...method, AuthorizationType: 'AWS_IAM' }, 'AuthorizationType = "AWS_IAM"'],
  [
    'AWS::ApiGateway::Method',
    { ...method, AuthorizationType: 'COGNITO_USER_POOLS' },
    'AuthorizationType = "COGNITO_USER_POOLS"',
  ],
  ['AWS::ApiGateway::Method', { ...method, ApiKeyRequired: true }, 'ApiKeyRequired = true'],
  ['AWS::ApiGateway::Method', { ...method, HttpMethod: 'ANY' }, 'HttpMethod = "ANY"'],
  ['AWS::ApiGateway::Method', { ...method, RequestValidatorId: 'v' }, 'RequestValidatorId'],
  ['AWS::ApiGateway::Method', { ...method, RequestModels: {} }, 'RequestModels'],
  ['AWS::ApiGateway::Method', integration({ Type: 'MOCK' }), 'Integration.Type = "MOCK"'],
  ['AWS::ApiGateway::Method', integration({ Type: 'HTTP_PROXY' }), 'Integration.Type = "HTTP_PROXY"'],
  ['AWS::ApiGateway::Method', integration({ RequestTemplates: {} }), 'Integration.RequestTemplates'],
  [
    'AWS::ApiGateway::Method',
    integration({ ContentHandling: 'CONVERT_TO_TEXT' }),
    'Integration.ContentHandling',
  ],
  ['AWS::ApiGateway::Authorizer', { ...authorizer, Type: 'TOKEN' }, 'Type = "TOKEN"'],
  [
    'AWS::ApiGateway::Authorizer',
    { ...authorizer, Type: 'COGNITO_USER_POOLS' },
    'Type = "COGNITO_USER_POOLS"',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...authorizer, AuthorizerResultTtlInSeconds: 300 },
    'AuthorizerResultTtlInSeconds = 300',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...authorizer, AuthorizerResultTtlInSeconds: undefined },
    'AuthorizerResultTtlInSeconds = absent',
  ],
  [
    'AWS::ApiGateway::Authorizer',
    { ...authorizer, IdentitySource: 'method.request.header.A' },
    'IdentitySource = "method.request.header.A"',
  ],
  ['AWS::ApiGateway::Stage', { ...stage, CanarySetting: {} }, 'CanarySetting'],
  ['AWS::ApiGateway::Stage', { ...stage, CacheClusterEnabled: true }, 'CacheClusterEnabled = true'],
  ['AWS::ApiGateway::Stage', { ...stage, ClientCertificateId: 'c' }, 'ClientCertificateId'],
  [
    'AWS::ApiGateway::GatewayResponse',
    { ...response, ResponseTemplates: { 'text/html': '' } },
    'ResponseTemplates.text/html',
  ],
  [
    'AWS::ApiGateway::GatewayResponse',
    { ...response, ResponseParameters: { 'gatewayresponse.header.A': 'method.request.header.B' } },
    'ResponseParameters.gatewayresponse.header.A = "method.request.header.B"',
  ],
  ['AWS::Lambda::Function', { ...lambda, Runtime: 'python3.13' }, 'Runtime = "python3.13"'],
  ['AWS::Lambda::Function', { ...lambda, Layers: [] }, 'Layers'],
  ['AWS::DynamoDB::Table', { ...table, BillingMode: 'PROVISIONED' }, 'BillingMode = "PROVISIONED"'],
  ['AWS::DynamoDB::Table', { ...table, LocalSecondaryIndexes: [] }, 'LocalSecondaryIndexes'],
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
  expect(() => parse('AWS::DynamoDB::Table', table, { Condition: 'InProduction' })).toThrow(
    'AWS::DynamoDB::Table Thing Condition = "InProduction"',
  );
});

test('everything that is rejected is named in one line', () => {
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
])('%s is left out, as it changes nothing here', (type) => {
  expect(parse(type, { Anything: true })).toEqual(new Map());
});

test.each([
  ['AWS::ApiGateway::Method', method],
  ['AWS::ApiGateway::Authorizer', authorizer],
  ['AWS::ApiGateway::Stage', stage],
  ['AWS::ApiGateway::GatewayResponse', response],
  ['AWS::Lambda::Function', lambda],
  ['AWS::DynamoDB::Table', table],
])('a plain %s is accepted', (type, properties) => {
  expect([...parse(type, properties).keys()]).toEqual(['Thing']);
});
