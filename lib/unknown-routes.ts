import { Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { allowOriginTemplate } from './cross-origin.ts';
import { envelope, ROUTE_NOT_FOUND, securityHeaders } from './gateway-responses.ts';

/**
 * Adds the platform's 404 for every path without a route, open to everyone. Without it API Gateway tries to read
 * `Authorization: Bearer` as an AWS signature there and reports a malformed one. A body of another type than JSON is rejected
 * as UNSUPPORTED_MEDIA_TYPE, which is the same 404.
 */
export function addUnknownRoutes(restApi: apigateway.RestApi, corsOrigins: string[]): void {
  const headers = Object.entries(securityHeaders()).map(([name, value]) => [
    `method.response.header.${name}`,
    value,
  ]);
  const integration = new apigateway.MockIntegration({
    passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
    // Where every media type is binary, a template could not be applied to a body otherwise.
    contentHandling: apigateway.ContentHandling.CONVERT_TO_TEXT,
    requestTemplates: { 'application/json': `{"statusCode": ${ROUTE_NOT_FOUND.code}}` },
    integrationResponses: [
      {
        statusCode: ROUTE_NOT_FOUND.code,
        responseParameters: Object.fromEntries(headers),
        responseTemplates: {
          'application/json': [
            ...(corsOrigins.length > 0 ? [allowOriginTemplate(corsOrigins)] : []),
            '#set($context.responseOverride.header.X-Request-Id = $context.requestId)',
            envelope(ROUTE_NOT_FOUND),
          ].join('\n'),
        },
      },
    ],
  });
  const options: apigateway.MethodOptions = {
    authorizationType: apigateway.AuthorizationType.NONE,
    methodResponses: [
      {
        statusCode: ROUTE_NOT_FOUND.code,
        responseParameters: Object.fromEntries(headers.map(([name]) => [name, true])),
      },
    ],
  };
  const { root } = restApi;
  for (const resource of [root, root.addProxy({ anyMethod: false })]) {
    const method = resource.addMethod('ANY', integration, options);
    Validations.of(method).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Nothing but the 404 of an unknown path is behind it, whoever sends the request.',
    });
  }
}
