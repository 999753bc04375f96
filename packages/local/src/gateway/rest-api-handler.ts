import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FunctionPool, MAX_PAYLOAD_BYTES } from '../lambda/function-pool.ts';
import { StartError } from '../start-error.ts';
import type { StackLocation } from '../template/location.ts';
import type { Method, ResourceNode, RestApiDefinition } from '../template/rest-api.ts';
import { readAuthorizerResponse } from './authorizer-response.ts';
import { type ApiIdentity, requireKnownVariables, substitute } from './context-variables.ts';
import { findMethod } from './find-method.ts';
import { GatewayFault } from './gateway-fault.ts';
import { renderGatewayResponse } from './gateway-response.ts';
import { readIncomingRequest } from './incoming-request.ts';
import type { Handler, HttpResponse } from './listener.ts';
import { authorizerEvent, methodArn, proxyEvent, type RoutedRequest } from './proxy-event.ts';
import { readProxyResponse } from './proxy-response.ts';
import { createRequestContext, type RequestContext } from './request-context.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export type RestApiHandlerOptions = {
  api: RestApiDefinition;
  location: StackLocation;
  /** The template's functions by ARN. */
  functions: ReadonlyMap<string, FunctionPool>;
  /** Receives the stage's access log, one line per request, and internal errors. */
  onLine: (line: string) => void;
  /** Receives each request that was served. */
  onRequest?: ((request: ServedRequest) => void) | undefined;
  /** False switches off the stage's throttling, for tests that send more than it allows. */
  throttling: boolean;
};

/** A request and its response, for a log that people read. */
export type ServedRequest = {
  method: string;
  /** As the client wrote it, without the query. */
  path: string;
  status: number;
  latencyMs: number;
  requestId: string;
  body: string;
};

/** Bytes of a request's body (API Gateway quotas for REST APIs). */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Emulates API Gateway's REST API, for one stage of one API: routes a request and passes it through throttling, body,
 * authorizer and integration to the response, with the template's gateway response if any of them rejects it. Serves
 * the stage at the root, as a custom domain does.
 *
 * @throws {StartError} when the template uses a `$context` variable that is not emulated, or names a function that it
 *   does not contain.
 */
export function createRestApiHandler(options: RestApiHandlerOptions): Handler {
  const { api, location, onLine } = options;
  const identity: ApiIdentity = { id: api.id, stage: api.stage, accountId: location.accountId };
  const buckets = new Map<Method, TokenBucket>();
  requireKnown(api);
  for (const { functionArn, authorizerArn } of methodsBelow(api.root)) {
    for (const arn of [functionArn, authorizerArn ?? functionArn]) functionOf(arn);
  }

  async function respond(context: RequestContext, incoming: IncomingMessage): Promise<HttpResponse> {
    const request = readIncomingRequest(incoming);
    context.request = request;
    if (incoming.headers.expect !== undefined && incoming.headers.expect !== '100-continue') {
      throw new GatewayFault('DEFAULT_4XX', { status: 417, text: 'Expectation Failed' });
    }
    const found = findMethod(api.root, request.pathParts, request.httpMethod);
    if (found === undefined) throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
    const routed: RoutedRequest = Object.assign(context, { request, ...found });
    throttle(found.method);
    const body = await readBody(incoming);
    if (found.method.authorizerArn !== undefined) await authorize(routed, found.method.authorizerArn);
    return await integrate(routed, body);
  }

  function throttle(method: Method): void {
    if (method.throttle === undefined || !options.throttling) return;
    const bucket = buckets.get(method) ?? createTokenBucket(method.throttle, () => performance.now());
    buckets.set(method, bucket);
    if (!bucket.take()) throw new GatewayFault('THROTTLED');
  }

  async function authorize(context: RoutedRequest, functionArn: string): Promise<void> {
    const startedAt = Date.now();
    const result = await functionOf(functionArn).invoke(authorizerEvent(context, api, location));
    const { decision, ...authorizer } = readAuthorizerResponse(result, methodArn(context, api, location));
    context.authorizer = { ...authorizer, latencyMs: Date.now() - startedAt };
    if (decision === 'explicitDeny') {
      throw new GatewayFault('ACCESS_DENIED', {
        text: 'User is not authorized to access this resource with an explicit deny',
      });
    }
    if (decision === 'implicitDeny') throw new GatewayFault('ACCESS_DENIED');
  }

  async function integrate(context: RoutedRequest, body: Buffer): Promise<HttpResponse> {
    const { functionArn, integrationTimeoutMs } = context.method;
    const event = proxyEvent(context, api, location, body);
    if (Buffer.byteLength(event.body ?? '') > MAX_PAYLOAD_BYTES) throw new GatewayFault('REQUEST_TOO_LARGE');
    const startedAt = Date.now();
    const timeout = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeout.resolve, integrationTimeoutMs, undefined);
    const result = await Promise.race([functionOf(functionArn).invoke(event), timeout.promise]);
    clearTimeout(timer);
    context.integration = { status: result?.ok ? 200 : 500, latencyMs: Date.now() - startedAt };
    if (result === undefined) throw new GatewayFault('INTEGRATION_TIMEOUT');
    if (!result.ok) {
      // For a throttled function API Gateway responds with 500, for any other failed one with 502.
      const throttled = result.error.errorType === 'TooManyRequestsException';
      throw new GatewayFault('DEFAULT_5XX', throttled ? { status: 500 } : {});
    }
    return readProxyResponse(result.payload, api);
  }

  function functionOf(arn: string): FunctionPool {
    const pool = options.functions.get(arn);
    if (pool === undefined) throw new StartError(`the template does not contain the function ${arn}`);
    return pool;
  }

  function faultResponse(context: RequestContext, error: unknown): HttpResponse {
    const fault =
      error instanceof GatewayFault ? error : new GatewayFault('DEFAULT_5XX', { status: 500, cause: error });
    context.fault = fault;
    if (fault.cause !== undefined && fault.status >= 500) onLine(`gateway: ${fault.type}: ${fault.cause}`);
    const rendered = renderGatewayResponse(fault, api.gatewayResponses, context, identity);
    const typed = rendered.headers.some(([name]) => name.toLowerCase() === 'content-type');
    if (!typed) rendered.headers.push(['Content-Type', 'application/json']);
    return rendered;
  }

  function send(
    context: RequestContext,
    { status, headers, body }: HttpResponse,
    outgoing: ServerResponse,
  ): void {
    const bytes = Buffer.byteLength(body);
    const ownHeaders = [
      ['x-amzn-RequestId', context.requestId],
      ['x-amz-apigw-id', context.extendedRequestId],
      ...(status === 204 ? [] : [['Content-Length', String(bytes)]]),
    ];
    outgoing.writeHead(status, [...headers, ...ownHeaders].flat());
    outgoing.end(body);
    context.response = { status, bytes, latencyMs: Date.now() - context.startedAt };
    if (api.accessLogFormat !== undefined) {
      onLine(substitute(api.accessLogFormat, context, identity, '-'));
    }
    options.onRequest?.({
      method: context.request?.httpMethod ?? '-',
      path: context.request?.path ?? '-',
      status,
      latencyMs: context.response.latencyMs,
      requestId: context.requestId,
      body: String(body),
    });
  }

  return {
    async handle(incoming, outgoing) {
      const context = createRequestContext();
      const response = await respond(context, incoming).catch((error) => faultResponse(context, error));
      // A body that was rejected unread is discarded, so that the client can read the response.
      incoming.resume();
      if (!outgoing.destroyed) send(context, response, outgoing);
    },
    reject: (status) => faultResponse(createRequestContext(), new GatewayFault('DEFAULT_4XX', { status })),
  };
}

function methodsBelow({ methods, children, parameter }: ResourceNode): Method[] {
  const nodes = [...children.values(), ...(parameter === undefined ? [] : [parameter.node])];
  return [...methods.values(), ...nodes.flatMap(methodsBelow)];
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    throw new GatewayFault('REQUEST_TOO_LARGE');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const done = Promise.withResolvers<void>();
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) done.reject(new GatewayFault('REQUEST_TOO_LARGE'));
    else chunks.push(chunk);
  });
  incoming.on('end', done.resolve);
  incoming.on('error', () => done.reject(new GatewayFault('DEFAULT_4XX')));
  await done.promise;
  return Buffer.concat(chunks);
}

function requireKnown(api: RestApiDefinition): void {
  if (api.accessLogFormat !== undefined) requireKnownVariables(api.accessLogFormat, 'the access log');
  for (const [type, { headers, template }] of api.gatewayResponses) {
    const variables = Object.values(headers).filter((value) => !value.startsWith("'"));
    const text = [template ?? '', ...variables.map((name) => `$${name}`)].join(' ');
    requireKnownVariables(text, `gateway response ${type}`);
  }
}
