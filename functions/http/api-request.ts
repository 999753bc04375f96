import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { CustomerId } from '../flavor.ts';
import type { Actor } from '../provider-calls/provider-call.ts';
import { createRequestScope, type RequestScope } from '../request-scope.ts';
import { headersOf, repeatedValues } from './repeated-values.ts';

/**
 * The form of a request id, and so of one that a client may choose. It is logged, so telephone numbers and
 * anything that begins like a credential do not match it.
 */
export const REQUEST_ID = /^(?!vb_|eyJ)(?=.*[A-Za-z])[A-Za-z0-9_-]{1,64}$/;

/**
 * Query parameters with every value that was sent. As a list: zod leaves out a member such as `__proto__`, which is to be rejected
 * like any other unknown one.
 */
const queryParameters = z.pipe(
  z.transform((sent: unknown) => Object.entries(sent ?? {}).map(([name, values]) => ({ name, values }))),
  z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
);

const singleValues = z.nullish(z.record(z.string(), z.optional(z.string())));

/** What the authorizer passes on about the caller, through API Gateway. */
const callerSchema = z.object({
  customer_id: z.string(),
  actor_type: z.enum(['agent', 'accesskey']),
  actor_id: z.string(),
});

/**
 * The part of API Gateway's proxy event (REST API, payload version 1.0) that the functions read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
const apiEventSchema = z.object({
  resource: z.string(),
  httpMethod: z.string(),
  pathParameters: singleValues,
  multiValueHeaders: repeatedValues,
  multiValueQueryStringParameters: queryParameters,
  body: z.nullish(z.string()),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({ requestId: z.string(), authorizer: callerSchema }),
});

/** Who is calling, as the authorizer found out. */
type Caller = { customerId: CustomerId; actor: Actor };

/** A request as handlers see it. Everything in it is still the client's own text, except the caller. */
export type ApiRequest = {
  scope: RequestScope;
  caller: Caller;
  /** The id that the gateway chose, which is also that of the access log. */
  gatewayId: string;
  method: string;
  /** The path's pattern in the API: /v1.0/providercalls/{id}. */
  resource: string;
  path: Record<string, string | undefined>;
  /** Names of the query parameters that were sent. */
  queryNames: string[];
  /** Returns every value that was sent for a query parameter. */
  query(name: string): string[];
  /** Returns every value that was sent for a header, by its name in lower case. */
  header(name: string): string[];
  body: { text: string; isBase64: boolean };
};

/** An invocation as the middlewares see it. `request` is undefined when the event is not one of API Gateway's. */
export type Invocation = {
  scope: RequestScope;
  /** Values of the header Origin. */
  origins: string[];
  request: ApiRequest | undefined;
  /** Why there is no request. */
  fault: unknown;
};

/** Parses an event of API Gateway and starts the request's scope. */
export function receive(event: unknown, { awsRequestId }: Pick<Context, 'awsRequestId'>): Invocation {
  const { data, error } = z.safeParse(apiEventSchema, event);
  const headers = headersOf(data?.multiValueHeaders);
  const gatewayId = data?.requestContext.requestId ?? awsRequestId;
  const scope = createRequestScope(requestIdOf(headers.get('x-request-id') ?? [], gatewayId));
  return {
    scope,
    origins: headers.get('origin') ?? [],
    request: data && requestOf(data, headers, scope),
    fault: error,
  };
}

/** Returns the client's own X-Request-Id when it sent one of an acceptable form, else the gateway's. */
function requestIdOf(sent: string[], gatewayId: string): string {
  const [only, ...more] = sent;
  return only !== undefined && more.length === 0 && REQUEST_ID.test(only) ? only : gatewayId;
}

function requestOf(
  event: z.infer<typeof apiEventSchema>,
  headers: ReadonlyMap<string, string[]>,
  scope: RequestScope,
): ApiRequest {
  const { customer_id, actor_type, actor_id } = event.requestContext.authorizer;
  const parameters = event.multiValueQueryStringParameters;
  return {
    scope,
    caller: { customerId: customer_id, actor: { type: actor_type, id: actor_id } },
    gatewayId: event.requestContext.requestId,
    method: event.httpMethod,
    resource: event.resource,
    path: event.pathParameters ?? {},
    queryNames: parameters.map(({ name }) => name),
    query: (name) => parameters.find((one) => one.name === name)?.values ?? [],
    header: (name) => headers.get(name) ?? [],
    body: { text: event.body ?? '', isBase64: event.isBase64Encoded },
  };
}
