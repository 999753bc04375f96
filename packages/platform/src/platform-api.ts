import { pcapOf } from '@provider-call/evidence/pcap';
import * as z from 'zod/mini';
import { PLATFORM_ROUTES, type PlatformRoute, VERSION_PREFIXES } from '../../../contract/routes.ts';
import { backendsFromEnvironment } from '../../../functions/backends/backend-environment.ts';
import { responseHandler } from '../../../functions/http/api-handler.ts';
import type { ApiRequest } from '../../../functions/http/api-request.ts';
import { readJsonBody } from '../../../functions/http/json-body.ts';
import { onlyValue, pathIdOf } from '../../../functions/http/parse-input.ts';
import type { ApiResponse } from '../../../functions/http/response.ts';
import { PlatformError, ReportableError } from '../../../functions/platform-error.ts';
import { BackendFailure } from '../../../functions/provider-calls/ports.ts';
import { sipAnalysisSchema } from './records/timeline.ts';

const backends = backendsFromEnvironment();
const clients = { route: backends.route(), flow: backends.flow(), call: backends.call() };

const routes = new Map<string, PlatformRoute>(
  VERSION_PREFIXES.flatMap((prefix) =>
    PLATFORM_ROUTES.map((route) => [`${route.method} /${prefix}${route.path}`, route] as const),
  ),
);

/** Query parameters that are forwarded. A client cannot choose whose records it sees. */
const FORWARDED_PARAMETERS = ['page_size', 'page_token'];

/**
 * The platform's own endpoints for providers, flows, calls, groupcalls and timelines: a thin gateway that forwards a
 * request to its backend and returns the backend's response.
 */
export const handler = responseHandler('platform', async (request) => {
  const route = routes.get(`${request.method} ${request.resource}`);
  if (route === undefined)
    throw new ReportableError(`no platform route for ${request.method} ${request.resource}`);
  return route.operationId === 'getPcap'
    ? captureFileOf(await forward(request, route, '/timelines/calls/{id}/sip-analysis'))
    : await forward(request, route, route.path);
});

async function forward(request: ApiRequest, route: PlatformRoute, path: string): Promise<ApiResponse> {
  const target = path.includes('{id}') ? path.replace('{id}', pathIdOf(request)) : path;
  const hasBody = route.method === 'PUT' || (route.method === 'POST' && path === target);
  const response = await clients[route.backend]
    .send(request.scope, {
      method: route.method,
      path: `/v1${target}?${queryOf(request)}`,
      ...(hasBody && { body: readJsonBody(request) }),
    })
    .catch((error: unknown) => {
      throw error instanceof BackendFailure ? unavailable(error) : error;
    });
  if (response.status === 401 || response.status === 403) {
    throw unavailable(new ReportableError(`the ${route.backend} backend responded ${response.status}`));
  }
  const { 'content-type': contentType, 'retry-after': retryAfter } = response.headers;
  return {
    statusCode: response.status,
    headers: {
      ...(contentType !== undefined && { 'Content-Type': contentType }),
      ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
    },
    body: response.text,
  };
}

/** Turns the response of sip-analysis into a capture file; an error is returned unchanged. */
function captureFileOf(response: ApiResponse): ApiResponse {
  if (response.statusCode !== 200) return response;
  const { sip_messages } = z.parse(sipAnalysisSchema, JSON.parse(response.body));
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Buffer.from(pcapOf(sip_messages)).toString('base64'),
    isBase64Encoded: true,
  };
}

function queryOf({ query, caller }: ApiRequest): URLSearchParams {
  const parameters = new URLSearchParams({ customer_id: caller.customerId });
  for (const name of FORWARDED_PARAMETERS) {
    const value = onlyValue(query(name), name);
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/** Returns the error for a backend that does not respond, or rejects us, which a client cannot correct. */
function unavailable(cause: unknown): PlatformError {
  return new PlatformError('SERVICE_UNAVAILABLE', 'A part of the platform does not respond. Try again.', {
    cause,
  });
}
