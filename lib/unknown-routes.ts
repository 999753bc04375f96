import { Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { allowOriginTemplate } from './cross-origin.ts';
import { envelope, ROUTE_NOT_FOUND, securityHeaders } from './gateway-responses.ts';

/**
 * Adds the platform's 404, without authorization, for every path that has no route. Without it, API Gateway tries to
 * read `Authorization: Bearer` on such a path as an AWS signature and reports a malformed one. A body that is not JSON
 * is rejected as UNSUPPORTED_MEDIA_TYPE, which becomes the same 404.
 */
export function addUnknownRoutes(restApi: apigateway.RestApi, corsOrigins: string[]): void {
  const headers = Object.entries(securityHeaders()).map(([name, value]) => [
    `method.response.header.${name}`,
    value,
  ]);
  const integration = new apigateway.MockIntegration({
    passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
    // Without this, no template can be applied to a body where every media type is binary.
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
      reason: 'It only serves the 404 of an unknown path, whoever sends the request.',
    });
  }
}
