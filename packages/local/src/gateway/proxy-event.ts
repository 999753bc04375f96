import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { arnOf, type Place } from '../template/place.ts';
import type { Method, RestApiDefinition } from '../template/rest-api.ts';
import { domainName, requestTime } from './context-variables.ts';
import type { Exchange } from './exchange.ts';
import type { IncomingRequest, MultiValues } from './incoming-request.ts';

/** An exchange whose request has found its method. */
export type RoutedExchange = Exchange & {
  request: IncomingRequest;
  method: Method;
  pathParameters: Record<string, string>;
};

/** The event of a Lambda proxy integration (API Gateway Developer Guide, "Input format of a Lambda function"). */
export function proxyEvent(
  exchange: RoutedExchange,
  api: RestApiDefinition,
  place: Place,
  body: string,
): APIGatewayProxyEvent {
  const { request, method, pathParameters } = exchange;
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
      ...requestContext(exchange, api, place),
      authorizer: exchange.authorizer && {
        ...exchange.authorizer.context,
        integrationLatency: exchange.authorizer.latencyMs,
      },
    },
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
}

/** The event of a REQUEST authorizer (API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer"). */
export function authorizerEvent(
  exchange: RoutedExchange,
  api: RestApiDefinition,
  place: Place,
): APIGatewayRequestAuthorizerEvent {
  const { request, method, pathParameters } = exchange;
  return {
    type: 'REQUEST',
    methodArn: methodArn(exchange, api, place),
    resource: method.resourcePath,
    path: request.path,
    httpMethod: request.httpMethod,
    headers: lastValues(request.headers),
    multiValueHeaders: request.headers,
    queryStringParameters: lastValues(request.query),
    multiValueQueryStringParameters: request.query,
    pathParameters,
    stageVariables: api.stageVariables ?? {},
    requestContext: { ...requestContext(exchange, api, place), authorizer: undefined },
  };
}

/** What an authorizer's policy is asked about: the very path of the request, not the resource's. */
export function methodArn({ request }: RoutedExchange, api: RestApiDefinition, place: Place): string {
  return arnOf(place, 'execute-api', `${api.id}/${api.stage}/${request.httpMethod}${request.path}`);
}

function requestContext(exchange: RoutedExchange, api: RestApiDefinition, place: Place) {
  const { request, method } = exchange;
  return {
    accountId: place.accountId,
    apiId: api.id,
    domainName: domainName(exchange),
    extendedRequestId: exchange.extendedRequestId,
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
    requestId: exchange.requestId,
    requestTime: requestTime(exchange.startedAt),
    requestTimeEpoch: exchange.startedAt,
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
