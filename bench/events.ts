import { seedIds } from '@provider-call/platform/seed';
import { superAdmin } from '../packages/local/src/token.ts';

/*
 * API Gateway's events, with the headers that a client and the gateway send along.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */

const route = '/v1.0/providercalls';
const recordRoute = `${route}/{id}`;

type Asked = {
  method: string;
  resource: string;
  id?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
};

const repeated = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));

const eventOf = (asked: Asked, authorizer?: Record<string, string>) => {
  const { method, resource, id, query, body } = asked;
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
    ...asked.headers,
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
};

const admitted = (asked: Asked) =>
  eventOf(asked, {
    customer_id: superAdmin.customerId,
    actor_type: 'agent',
    actor_id: superAdmin.agentId,
    principalId: superAdmin.agentId,
  });

/** One call to one number, as the specification's first example places it. */
export const callBody = {
  provider_id: seedIds.providers.answers,
  source: { type: 'tel', target: '+14155551234' },
  destinations: [{ type: 'tel', target: '+821012345678' }],
  anonymous: 'auto',
};

export const createEvent = (changes: Record<string, unknown> = {}) =>
  admitted({ method: 'POST', resource: route, body: { ...callBody, ...changes } });
export const getEvent = (id: string) => admitted({ method: 'GET', resource: recordRoute, id });
export const listEvent = (query?: Record<string, string>) =>
  admitted({ method: 'GET', resource: route, ...(query && { query }) });
export const deleteEvent = (id: string) => admitted({ method: 'DELETE', resource: recordRoute, id });

/** The same event of a request that carries its token, for a function that checks it itself. */
export const withToken = <Event extends ReturnType<typeof admitted>>(event: Event, token: string): Event => {
  const authorization = { Authorization: `Bearer ${token}` };
  return {
    ...event,
    headers: { ...event.headers, ...authorization },
    multiValueHeaders: { ...event.multiValueHeaders, ...repeated(authorization) },
  };
};

/** What API Gateway asks the authorizer before it lets a GET through. */
export const authorizeEvent = (token: string) => ({
  type: 'REQUEST',
  methodArn: `arn:aws:execute-api:us-east-1:000000000000:bench/live/GET${route}`,
  ...eventOf({ method: 'GET', resource: route, headers: { Authorization: `Bearer ${token}` } }),
});

/** What the schedule hands to reconcile. */
export const scheduleEvent = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
