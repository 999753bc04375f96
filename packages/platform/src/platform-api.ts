import * as z from 'zod/mini';
import type { Backend } from '../../../functions/backends/backend.ts';
import { backendsFromEnvironment } from '../../../functions/backends/backend-environment.ts';
import { responseHandler } from '../../../functions/http/api-handler.ts';
import type { ApiRequest } from '../../../functions/http/api-request.ts';
import { readJsonBody } from '../../../functions/http/json-body.ts';
import { onlyValue, pathIdOf } from '../../../functions/http/parse-input.ts';
import type { ApiResponse } from '../../../functions/http/response.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { BackendFailure } from '../../../functions/provider-calls/ports.ts';

const backends = backendsFromEnvironment();
const backendOf: Readonly<Record<string, Backend>> = {
  providers: backends.route(),
  flows: backends.flow(),
  calls: backends.call(),
  groupcalls: backends.call(),
};

const resourcePattern = /^\/v1(?:\.0)?\/(providers|flows|calls|groupcalls)(?:\/\{id\}(\/[a-z-]+)?)?$/;
const methodSchema = z.enum(['GET', 'POST', 'PUT', 'DELETE']);

/** What of a query goes on; whose things are to be seen is never a client's to say. */
const passedParameters = ['page_size', 'page_token', 'format'];

const queryOf = ({ query, caller }: ApiRequest): URLSearchParams => {
  const parameters = new URLSearchParams({ customer_id: caller.customerId });
  for (const name of passedParameters) {
    const value = onlyValue(query(name), name);
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
};

/** A backend that does not answer, or not to us, is nothing that a client can mend. */
const unavailable = (cause: unknown) =>
  new PlatformError('SERVICE_UNAVAILABLE', 'A part of the platform does not answer. Try again.', { cause });

const forward = async (request: ApiRequest): Promise<ApiResponse> => {
  const { resource } = request;
  const [, collection = '', action = ''] = resourcePattern.exec(resource) ?? [];
  const backend = backendOf[collection];
  if (backend === undefined) throw new TypeError(`no backend for ${resource}`);
  const method = z.parse(methodSchema, request.method);
  const id = resource.includes('{id}') ? `/${pathIdOf(request)}` : '';
  const hasBody = method === 'PUT' || (method === 'POST' && action === '');
  const answer = await backend
    .send(request.scope, {
      method,
      path: `/v1/${collection}${id}${action}?${queryOf(request)}`,
      ...(hasBody && { body: readJsonBody(request) }),
    })
    .catch((error: unknown) => {
      throw error instanceof BackendFailure ? unavailable(error) : error;
    });
  if (answer.status === 401 || answer.status === 403)
    throw unavailable(new Error(`answered ${answer.status}`));
  const { 'content-type': contentType, 'retry-after': retryAfter } = answer.headers;
  return {
    statusCode: answer.status,
    headers: {
      ...(contentType !== undefined && { 'Content-Type': contentType }),
      ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
    },
    body: answer.text,
  };
};

/**
 * The platform's own endpoints for providers, flows, calls and groupcalls: a thin gateway, which hands a request on to
 * the backend that it is about and that backend's answer back.
 */
export const handler = responseHandler('platform', forward);
