import type { ServerResponse } from 'node:http';
import type { Context } from 'aws-lambda';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import { awsVariables, startDynamodb } from '../dynamodb.ts';
import { jsonResponse, type Received, startBackend } from './backend-server.ts';
import { IDS } from './provider-calls/sample-record.ts';

export type Sent = {
  method?: string;
  path?: Record<string, string> | null;
  headers?: Record<string, string[]>;
  query?: Record<string, string[]> | null;
  body?: unknown;
  /** The body as text, instead of `body`. */
  text?: string | null;
  customerId?: string;
  /** Milliseconds that the invocation has left. */
  remainingMs?: number;
};

export type TestResponse = { status: number; headers: Record<string, string>; body: unknown };

/**
 * Responds like working backends: the provider exists, the flow is created, each destination becomes a call.
 */
export function platform(response: ServerResponse, request: Received): void {
  const { method, path } = request;
  if (method === 'GET') jsonResponse(200, { id: path.split('/').at(-1), tm_delete: null })(response, request);
  else if (path === '/v1/flows') jsonResponse(200, { id: IDS.flow })(response, request);
  else
    jsonResponse(200, { calls: [{ id: IDS.call }], groupcalls: [{ id: IDS.groupcall }] })(response, request);
}

/** Returns Lambda's context of an invocation with this many milliseconds left. */
export function lambdaContext(remaining: number): Context {
  return {
    awsRequestId: 'invocation-1',
    functionName: 'test',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
    memoryLimitInMB: '512',
    logGroupName: 'test',
    logStreamName: 'test',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => remaining,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

function eventOf({
  method = 'GET',
  path = null,
  headers = {},
  query = null,
  body,
  text,
  customerId = IDS.customer,
}: Sent) {
  return {
    resource: path === null ? '/v1.0/providercalls' : '/v1.0/providercalls/{id}',
    httpMethod: method,
    pathParameters: path,
    multiValueHeaders: headers,
    multiValueQueryStringParameters: query,
    body: text === undefined ? (body === undefined ? null : JSON.stringify(body)) : text,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'gateway-request-1',
      authorizer: {
        principalId: IDS.agent,
        customer_id: customerId,
        actor_type: 'agent',
        actor_id: IDS.agent,
      },
    },
  };
}

/**
 * Starts the API's handlers with a DynamoDB and a server that acts as all three backends. Called once in a
 * file.
 */
export async function startApi() {
  const dynamodb = await startDynamodb();
  const table = await dynamodb.createProviderCallTable();
  const backend = await startBackend(platform);
  Object.assign(process.env, awsVariables(dynamodb), {
    STAGE: 'test',
    PROVIDER_CALL_TABLE: table,
    ROUTE_BACKEND_URL: backend.url,
    FLOW_BACKEND_URL: backend.url,
    CALL_BACKEND_URL: backend.url,
    BACKEND_AUTH: 'none',
  });
  const handlers = {
    create: (await import('../../functions/create-provider-call.ts')).handler,
    get: (await import('../../functions/get-provider-call.ts')).handler,
    list: (await import('../../functions/list-provider-calls.ts')).handler,
    delete: (await import('../../functions/delete-provider-call.ts')).handler,
  };
  const send = async (
    operation: keyof typeof handlers,
    event: unknown,
    remainingMs = 28_000,
  ): Promise<TestResponse> => {
    const { statusCode, headers, body } = await handlers[operation](event, lambdaContext(remainingMs));
    return { status: statusCode, headers, body: JSON.parse(body) };
  };
  return {
    dynamodb,
    table,
    backend,
    store: createProviderCallStore(dynamodb.documents, table),
    send,
    create: (body: unknown, sent: Sent = {}) =>
      send(
        'create',
        eventOf({ method: 'POST', headers: { 'Content-Type': ['application/json'] }, body, ...sent }),
        sent.remainingMs,
      ),
    get: (id: string, sent: Sent = {}) => send('get', eventOf({ path: { id }, ...sent })),
    list: (query: Record<string, string[]> | null = null, sent: Sent = {}) =>
      send('list', eventOf({ query, ...sent })),
    delete: (id: string, sent: Sent = {}) =>
      send('delete', eventOf({ method: 'DELETE', path: { id }, ...sent })),
  };
}

/** Headers of every response, except the request id. */
export const RESPONSE_HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
};

/** The specification's own example of a request. */
export const EXAMPLE_BODY = {
  provider_id: IDS.provider,
  source: { type: 'tel', target: '+14155551234' },
  destinations: [{ type: 'tel', target: '+821012345678' }],
  anonymous: 'auto',
};

/** The record in the response to it, without what differs from one record to the next. */
export const EXAMPLE_RECORD = {
  customer_id: IDS.customer,
  provider_id: IDS.provider,
  flow_id: NIL_UUID,
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
  anonymous: 'auto',
  call_ids: [IDS.call],
  groupcall_ids: [IDS.groupcall],
  tm_delete: null,
};
