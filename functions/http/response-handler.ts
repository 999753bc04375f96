import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Operation } from '../log/operation.ts';
import { createRequestScope } from '../request-scope.ts';
import { answerHeaders } from './answer-headers.ts';
import { apiEventSchema } from './api-event.ts';
import { type ApiRequest, apiRequestOf, headersOf } from './api-request.ts';
import { errorEnvelope } from './error-envelope.ts';
import type { ApiResponse } from './error-response.ts';
import { requestIdOf } from './request-id.ts';
import { requestLog } from './request-log.ts';

/** Milliseconds before Lambda's own timeout at which a request is answered as failed, so that it still is in the envelope. */
const TIMEOUT_EARLY_MS = 200;

/**
 * A Lambda handler of the REST API: gives `respond` the parsed request, and its response or error the headers, envelope
 * and log line that all of them have. `operation` is the function's name in log and metrics.
 *
 * The chain is made for each request, so that every middleware is handed that request's scope instead of finding it
 * on an event or context of another type.
 */
export const responseHandler =
  (operation: Operation, respond: (request: ApiRequest) => Promise<ApiResponse>) =>
  async (event: unknown, context: Context): Promise<ApiResponse> => {
    const { data, error } = z.safeParse(apiEventSchema, event);
    const headers = headersOf(data?.multiValueHeaders);
    const gatewayId = data?.requestContext.requestId ?? context.awsRequestId;
    const scope = createRequestScope(requestIdOf(headers.get('x-request-id') ?? [], gatewayId));
    const answer = async (): Promise<ApiResponse> => {
      if (data !== undefined) return await respond(apiRequestOf(data, headers, scope));
      throw new TypeError('the event is not one of a REST API with its authorizer', { cause: error });
    };
    return await middy<unknown, ApiResponse>(answer, { timeoutEarlyInMillis: TIMEOUT_EARLY_MS })
      .use(answerHeaders(scope, headers.get('origin') ?? []))
      .use(requestLog(operation, scope, data))
      .use(errorEnvelope(scope))(event, context);
  };
