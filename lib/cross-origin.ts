import * as apigateway from 'aws-cdk-lib/aws-apigateway';

/** What a page may send, and read of a response besides its body. */
const ALLOWED_METHODS = 'GET,POST,PUT,DELETE,OPTIONS';
const ALLOWED_HEADERS = 'Authorization,Content-Type,Idempotency-Key,X-Request-Id';
const GATEWAY_EXPOSED_HEADERS = 'X-Request-Id,WWW-Authenticate,Retry-After';

/** Adds the response to a browser that asks, before its request, whether a page of one of these origins may send it. */
export function addPreflight(resource: apigateway.IResource, origins: string[]): void {
  const headers = {
    'Access-Control-Allow-Headers': `'${ALLOWED_HEADERS}'`,
    'Access-Control-Allow-Methods': `'${ALLOWED_METHODS}'`,
    Vary: "'Origin'",
  };
  const parameters = Object.entries(headers).map(([name, value]) => [
    `method.response.header.${name}`,
    value,
  ]);
  resource.addMethod(
    'OPTIONS',
    new apigateway.MockIntegration({
      passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
      // Where every media type is binary, a template could not be applied to a body otherwise.
      contentHandling: apigateway.ContentHandling.CONVERT_TO_TEXT,
      requestTemplates: { 'application/json': '{"statusCode": 204}' },
      integrationResponses: [
        {
          statusCode: '204',
          responseParameters: Object.fromEntries(parameters),
          responseTemplates: { 'application/json': allowOriginTemplate(origins) },
        },
      ],
    }),
    {
      authorizationType: apigateway.AuthorizationType.NONE,
      methodResponses: [
        {
          statusCode: '204',
          responseParameters: Object.fromEntries(parameters.map(([name]) => [name, true])),
        },
      ],
    },
  );
}

/**
 * Returns a template that allows the request's origin if it is one of these. A header's name arrives as the client wrote it,
 * in lower case over HTTP/2, and looking up an absent name returns null; so the template iterates over the names that the request has.
 */
export function allowOriginTemplate(origins: string[]): string {
  const isAllowed = origins.map((origin) => `$value == "${origin}"`).join(' || ');
  return [
    '#set($headers = $input.params().header)',
    '#foreach($name in $headers.keySet())',
    '#set($value = $headers.get($name))',
    `#if($name.toLowerCase() == "origin" && (${isAllowed}))`,
    '#set($context.responseOverride.header.Access-Control-Allow-Origin = $value)',
    '#end',
    '#end',
  ].join('\n');
}

/**
 * Returns the headers by which a page may read the gateway's own responses. A gateway response can name one origin and cannot
 * choose: with several, browsers see the gateway's own errors as opaque.
 */
export function fixedOriginHeaders(origins: string[]): Record<string, string> {
  const [origin] = origins;
  return origins.length === 1 && origin !== undefined
    ? {
        'Access-Control-Allow-Origin': `'${origin}'`,
        'Access-Control-Expose-Headers': `'${GATEWAY_EXPOSED_HEADERS}'`,
      }
    : {};
}
