import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Operation } from '../log/operation.ts';
import { ReportableError } from '../platform-error.ts';
import { type ApiRequest, type Invocation, receive } from './api-request.ts';
import { mapErrors } from './error-response.ts';
import { logRequest } from './log-request.ts';
import { unacceptable } from './parse-input.ts';
import { type ApiResponse, addHeaders } from './response.ts';

/** What a handler responds with: always 200, because everything else is an error that it throws. */
export type JsonResponse = { body: unknown; headers?: Record<string, string> };

/** Milliseconds before Lambda's own timeout at which a request fails, so that its response still has the envelope. */
const TIMEOUT_EARLY_MS = 200;

/** Query parameters that any request may have: the authorizer reads them. */
const CREDENTIAL_PARAMETERS = ['token', 'accesskey'];

/**
 * Returns a Lambda handler of the REST API whose responses are JSON.
 *
 * @param parameters the query parameters that it reads; any other is rejected, so that a misspelt filter never returns everything
 */
export function apiHandler(
  operation: Operation,
  handle: (request: ApiRequest) => Promise<JsonResponse>,
  parameters: readonly string[] = [],
) {
  const known = [...CREDENTIAL_PARAMETERS, ...parameters];
  return responseHandler(operation, async (request) => {
    const unknown = request.queryNames.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw unacceptable(
        unknown.map((field) => ({ field, message: 'is not a query parameter of this request' })),
      );
    }
    const { body, headers = {} } = await handle(request);
    return { statusCode: 200, headers, body: JSON.stringify(body) };
  });
}

/**
 * Returns a Lambda handler of the REST API: passes `respond` the parsed request, and adds to its response or error the
 * headers, envelope and log line that all of them have.
 *
 * @param operation the function's name in log and metrics
 */
export function responseHandler(
  operation: Operation,
  respond: (request: ApiRequest) => Promise<ApiResponse>,
): (event: unknown, context: Context) => Promise<ApiResponse> {
  const chain = middy<Invocation, ApiResponse>(
    async ({ request, fault }: Invocation) => {
      if (request !== undefined) return await respond(request);
      throw new ReportableError('the event is not one of a REST API with its authorizer', { cause: fault });
    },
    { timeoutEarlyInMillis: TIMEOUT_EARLY_MS },
  )
    .use(addHeaders)
    .use(logRequest(operation))
    .use(mapErrors);
  return async (event, context) => await chain(receive(event, context), context);
}
