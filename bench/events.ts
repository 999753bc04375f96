import { SUPER_ADMIN } from '@provider-call/local/token';
import { SEED_IDS } from '@provider-call/platform/seed';

/*
 * API Gateway's events, with the headers that a client and the gateway add.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */

const ROUTE = '/v1.0/providercalls';
const RECORD_ROUTE = `${ROUTE}/{id}`;

type EventRequest = {
  method: string;
  resource: string;
  id?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
};

/** One call to one number, as the specification's first example places it. */
export const CALL_BODY = {
  provider_id: SEED_IDS.providers.answers,
  source: { type: 'tel', target: '+14155551234' },
  destinations: [{ type: 'tel', target: '+821012345678' }],
  anonymous: 'auto',
};

/** What a create with inline actions runs. */
export const INLINE_ACTIONS = [
  { type: 'answer' },
  { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
  { type: 'hangup' },
];

/** Returns the event of a POST. */
export function createEvent(changes: Record<string, unknown> = {}) {
  return authorizedEvent({ method: 'POST', resource: ROUTE, body: { ...CALL_BODY, ...changes } });
}

function authorizedEvent(request: EventRequest) {
  return eventOf(request, {
    customer_id: SUPER_ADMIN.customerId,
    actor_type: 'agent',
    actor_id: SUPER_ADMIN.agentId,
    principalId: SUPER_ADMIN.agentId,
  });
}

/** Returns the event of a GET of one record. */
export function getEvent(id: string) {
  return authorizedEvent({ method: 'GET', resource: RECORD_ROUTE, id });
}

/** Returns the event of a GET of a list. */
export function listEvent(query?: Record<string, string>) {
  return authorizedEvent({ method: 'GET', resource: ROUTE, ...(query && { query }) });
}

/** Returns the event of a DELETE. */
export function deleteEvent(id: string) {
  return authorizedEvent({ method: 'DELETE', resource: RECORD_ROUTE, id });
}

/** Returns the event with a token in its headers, for a function that checks the token itself. */
export function withToken<Event extends ReturnType<typeof authorizedEvent>>(
  event: Event,
  token: string,
): Event {
  const authorization = { Authorization: `Bearer ${token}` };
  return {
    ...event,
    headers: { ...event.headers, ...authorization },
    multiValueHeaders: { ...event.multiValueHeaders, ...repeated(authorization) },
  };
}

function repeated(values: Record<string, string>) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}

/** Returns the event that API Gateway sends to the authorizer before a GET. */
export function authorizeEvent(token: string) {
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:us-east-1:000000000000:bench/live/GET${ROUTE}`,
    ...eventOf({ method: 'GET', resource: ROUTE, headers: { Authorization: `Bearer ${token}` } }),
  };
}

function eventOf(request: EventRequest, authorizer?: Record<string, string>) {
  const { method, resource, id, query, body } = request;
  const path = resource.replace('{id}', id ?? '');
  const headers = {
    Accept: '*/*',
    'Content-Type': 'application/json',
    Host: 'api.example.com',
    'User-Agent': 'bench',
    'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
    'X-Forwarded-For': '192.0.2.1',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    ...request.headers,
  };
  return {
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: repeated(headers),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query === undefined ? null : repeated(query),
    pathParameters: id === undefined ? null : { id },
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      httpMethod: method,
      identity: { sourceIp: '192.0.2.1', userAgent: 'bench' },
      path: `/live${path}`,
      protocol: 'HTTP/1.1',
      requestId: '11111111-1111-4111-8111-111111111111',
      requestTimeEpoch: 1_767_225_600_000,
      resourcePath: resource,
      stage: 'live',
      ...(authorizer && { authorizer }),
    },
  };
}

/** The schedule's event, which invokes reconcile. */
export const SCHEDULE_EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
