import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { arnOf, type StackLocation } from '../template/location.ts';
import type { Method, RestApiDefinition } from '../template/rest-api.ts';
import { domainName, requestTime } from './context-variables.ts';
import type { IncomingRequest, MultiValues } from './incoming-request.ts';
import type { RequestContext } from './request-context.ts';

/** A request that has been routed to a method. */
export type RoutedRequest = RequestContext & {
  request: IncomingRequest;
  method: Method;
  pathParameters: Record<string, string>;
};

/** The event of a Lambda proxy integration (API Gateway Developer Guide, "Input format of a Lambda function"). */
export function proxyEvent(
  context: RoutedRequest,
  api: RestApiDefinition,
  location: StackLocation,
  body: Buffer,
): APIGatewayProxyEvent {
  const { request, method, pathParameters } = context;
  return {
    resource: method.resourcePath,
    path: request.path,
    httpMethod: request.httpMethod,
    headers: lastValues(request.headers),
    multiValueHeaders: request.headers,
    queryStringParameters: orNull(lastValues(request.query)),
    multiValueQueryStringParameters: orNull(request.query),
    pathParameters: orNull(pathParameters),
    stageVariables: api.stageVariables ?? null,
    requestContext: {
      ...requestContext(context, api, location),
      authorizer: context.authorizer && {
        ...context.authorizer.context,
        integrationLatency: context.authorizer.latencyMs,
      },
    },
    body: body.length === 0 ? null : body.toString(api.hasBinaryMedia ? 'base64' : 'utf8'),
    isBase64Encoded: api.hasBinaryMedia && body.length > 0,
  };
}

/** The event of a REQUEST authorizer (API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer"). */
export function authorizerEvent(
  context: RoutedRequest,
  api: RestApiDefinition,
  location: StackLocation,
): APIGatewayRequestAuthorizerEvent {
  const { request, method, pathParameters } = context;
  return {
    type: 'REQUEST',
    methodArn: methodArn(context, api, location),
    resource: method.resourcePath,
    path: request.path,
    httpMethod: request.httpMethod,
    headers: lastValues(request.headers),
    multiValueHeaders: request.headers,
    queryStringParameters: lastValues(request.query),
    multiValueQueryStringParameters: request.query,
    pathParameters,
    stageVariables: api.stageVariables ?? {},
    requestContext: { ...requestContext(context, api, location), authorizer: undefined },
  };
}

/**
 * Returns the ARN for which an authorizer's policy is evaluated, with the actual path of the request instead of the
 * resource's.
 */
export function methodArn(
  { request }: RoutedRequest,
  api: RestApiDefinition,
  location: StackLocation,
): string {
  return arnOf(location, 'execute-api', `${api.id}/${api.stage}/${request.httpMethod}${request.path}`);
}

function requestContext(context: RoutedRequest, api: RestApiDefinition, location: StackLocation) {
  const { request, method } = context;
  return {
    accountId: location.accountId,
    apiId: api.id,
    domainName: domainName(context),
    extendedRequestId: context.extendedRequestId,
    httpMethod: request.httpMethod,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.sourceIp,
      user: null,
      userAgent: request.userAgent,
      userArn: null,
    },
    path: `/${api.stage}${request.path}`,
    protocol: request.protocol,
    requestId: context.requestId,
    requestTime: requestTime(context.startedAt),
    requestTimeEpoch: context.startedAt,
    resourceId: method.resourceId,
    resourcePath: method.resourcePath,
    stage: api.stage,
  };
}

function lastValues(values: MultiValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));
}

function orNull<Values extends object>(values: Values): Values | null {
  return Object.keys(values).length === 0 ? null : values;
}
