import * as apigateway from 'aws-cdk-lib/aws-apigateway';

/** What a page may send, and what it may read of a response besides the body. */
const ALLOWED_METHODS = 'GET,POST,PUT,DELETE,OPTIONS';
const ALLOWED_HEADERS = 'Authorization,Content-Type,Idempotency-Key,X-Request-Id';
const GATEWAY_EXPOSED_HEADERS = 'X-Request-Id,WWW-Authenticate,Retry-After';

/** Adds the preflight response, by which a browser learns whether a page of one of these origins may send a request. */
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
      // Without this, no template can be applied to a body where every media type is binary.
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
 * Returns a template that allows the request's origin if it is one of these. A header's name arrives as the client
 * wrote it (in lower case over HTTP/2), and looking up an absent name returns null, so the template iterates over the
 * names in the request.
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
 * Returns the headers that let a page read the gateway's own responses. A gateway response can only name one fixed
 * origin: if there are several, the gateway's own errors are opaque to browsers.
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
