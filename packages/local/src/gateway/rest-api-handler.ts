import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FunctionPool, maxPayloadBytes } from '../lambda/function-pool.ts';
import { StartError } from '../start-error.ts';
import type { Place } from '../template/place.ts';
import type { Method, ResourceNode, RestApiDefinition } from '../template/rest-api.ts';
import type { Answer } from './answer.ts';
import { readAuthorizerAnswer } from './authorizer-answer.ts';
import { type ApiIdentity, refuseUnknownVariables, substitute } from './context-variables.ts';
import { type Exchange, newExchange } from './exchange.ts';
import { findMethod } from './find-method.ts';
import { GatewayFault } from './gateway-fault.ts';
import { renderGatewayResponse } from './gateway-response.ts';
import { readIncomingRequest } from './incoming-request.ts';
import type { Handler } from './listener.ts';
import { readProxyAnswer } from './proxy-answer.ts';
import { authorizerEvent, methodArn, proxyEvent, type RoutedExchange } from './proxy-event.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export type RestApiHandlerOptions = {
  api: RestApiDefinition;
  place: Place;
  /** The template's functions by ARN. */
  functions: ReadonlyMap<string, FunctionPool>;
  /** Receives the stage's access log, a line a request, and what went wrong inside. */
  onLine: (line: string) => void;
  /** False switches the stage's throttling off, for tests that send more than it lets through. */
  throttling: boolean;
};

/** Bytes of a request's body (API Gateway quotas for REST APIs). */
const maxBodyBytes = 10 * 1024 * 1024;

/**
 * API Gateway's REST API, for one stage of one API: the way of a request from its route through throttling, body,
 * authorizer and Lambda proxy integration to the answer, with the template's gateway response wherever one of them
 * says no. Answers on the stage's own root, as a custom domain does.
 *
 * @throws {StartError} when the template uses a `$context` variable that is not emulated, or names a function that
 *   it does not hold.
 */
export function createRestApiHandler(options: RestApiHandlerOptions): Handler {
  const { api, place, onLine } = options;
  const identity: ApiIdentity = { id: api.id, stage: api.stage, accountId: place.accountId };
  const buckets = new Map<Method, TokenBucket>();
  refuseUnknowns(api);
  for (const { functionArn, authorizerArn } of methodsBelow(api.root)) {
    for (const arn of [functionArn, authorizerArn ?? functionArn]) functionOf(arn);
  }

  async function answer(exchange: Exchange, incoming: IncomingMessage): Promise<Answer> {
    const request = readIncomingRequest(incoming);
    exchange.request = request;
    if (incoming.headers.expect !== undefined && incoming.headers.expect !== '100-continue') {
      throw new GatewayFault('DEFAULT_4XX', { status: 417, text: 'Expectation Failed' });
    }
    const found = findMethod(api.root, request.pathParts, request.httpMethod);
    if (found === undefined) throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
    const routed: RoutedExchange = Object.assign(exchange, { request, ...found });
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

  async function authorize(exchange: RoutedExchange, functionArn: string): Promise<void> {
    const startedAt = Date.now();
    const result = await functionOf(functionArn).invoke(authorizerEvent(exchange, api, place));
    const { decision, context } = readAuthorizerAnswer(result, methodArn(exchange, api, place));
    exchange.authorizer = { context, latencyMs: Date.now() - startedAt };
    if (decision === 'explicitDeny') {
      throw new GatewayFault('ACCESS_DENIED', {
        text: 'User is not authorized to access this resource with an explicit deny',
      });
    }
    if (decision === 'implicitDeny') throw new GatewayFault('ACCESS_DENIED');
  }

  async function integrate(exchange: RoutedExchange, body: string): Promise<Answer> {
    const { functionArn, integrationTimeoutMs } = exchange.method;
    const event = proxyEvent(exchange, api, place, body);
    if (Buffer.byteLength(body) > maxPayloadBytes) throw new GatewayFault('REQUEST_TOO_LARGE');
    const startedAt = Date.now();
    const timeout = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeout.resolve, integrationTimeoutMs, undefined);
    const result = await Promise.race([functionOf(functionArn).invoke(event), timeout.promise]);
    clearTimeout(timer);
    exchange.integration = { status: result?.ok ? 200 : 500, latencyMs: Date.now() - startedAt };
    if (result === undefined) throw new GatewayFault('INTEGRATION_TIMEOUT');
    if (!result.ok) {
      // A throttled function is a 500 of API Gateway, any other failed one a 502.
      const throttled = result.error.errorType === 'TooManyRequestsException';
      throw new GatewayFault('DEFAULT_5XX', throttled ? { status: 500 } : {});
    }
    return readProxyAnswer(result.payload);
  }

  function functionOf(arn: string): FunctionPool {
    const pool = options.functions.get(arn);
    if (pool === undefined) throw new StartError(`the template does not hold the function ${arn}`);
    return pool;
  }

  function refusal(exchange: Exchange, error: unknown): Answer {
    const fault =
      error instanceof GatewayFault ? error : new GatewayFault('DEFAULT_5XX', { status: 500, cause: error });
    exchange.fault = fault;
    if (fault.cause !== undefined && fault.status >= 500) onLine(`gateway: ${fault.type}: ${fault.cause}`);
    const rendered = renderGatewayResponse(fault, api.gatewayResponses, exchange, identity);
    const typed = rendered.headers.some(([name]) => name.toLowerCase() === 'content-type');
    if (!typed) rendered.headers.push(['Content-Type', 'application/json']);
    return rendered;
  }

  function send(exchange: Exchange, { status, headers, body }: Answer, response: ServerResponse): void {
    const bytes = Buffer.byteLength(body);
    const ownHeaders = [
      ['x-amzn-RequestId', exchange.requestId],
      ['x-amz-apigw-id', exchange.extendedRequestId],
      ...(status === 204 ? [] : [['Content-Length', String(bytes)]]),
    ];
    response.writeHead(status, [...headers, ...ownHeaders].flat());
    response.end(body);
    exchange.response = { status, bytes, latencyMs: Date.now() - exchange.startedAt };
    if (api.accessLogFormat !== undefined) {
      onLine(substitute(api.accessLogFormat, exchange, identity, '-'));
    }
  }

  return {
    async handle(incoming, response) {
      const exchange = newExchange();
      const outcome = await answer(exchange, incoming).catch((error) => refusal(exchange, error));
      // A body that was refused unread is discarded, so that the client gets to read why.
      incoming.resume();
      if (!response.destroyed) send(exchange, outcome, response);
    },
    refuse: (status) => refusal(newExchange(), new GatewayFault('DEFAULT_4XX', { status })),
  };
}

function methodsBelow({ methods, children, parameter }: ResourceNode): Method[] {
  const nodes = [...children.values(), ...(parameter === undefined ? [] : [parameter.node])];
  return [...methods.values(), ...nodes.flatMap(methodsBelow)];
}

/** The body as text: without binary media types API Gateway hands on nothing else. */
async function readBody(incoming: IncomingMessage): Promise<string> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBodyBytes) {
    throw new GatewayFault('REQUEST_TOO_LARGE');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const done = Promise.withResolvers<void>();
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) done.reject(new GatewayFault('REQUEST_TOO_LARGE'));
    else chunks.push(chunk);
  });
  incoming.on('end', done.resolve);
  incoming.on('error', () => done.reject(new GatewayFault('DEFAULT_4XX')));
  await done.promise;
  return Buffer.concat(chunks).toString('utf8');
}

function refuseUnknowns(api: RestApiDefinition): void {
  if (api.accessLogFormat !== undefined) refuseUnknownVariables(api.accessLogFormat, 'the access log');
  for (const [type, { headers, template }] of api.gatewayResponses) {
    const variables = Object.values(headers).filter((value) => !value.startsWith("'"));
    const text = [template ?? '', ...variables.map((name) => `$${name}`)].join(' ');
    refuseUnknownVariables(text, `gateway response ${type}`);
  }
}
