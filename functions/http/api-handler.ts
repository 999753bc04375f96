import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { createRequestScope } from '../request-scope.ts';
import { answerHeaders } from './answer-headers.ts';
import { apiEventSchema } from './api-event.ts';
import { type ApiRequest, apiRequestOf, headersOf } from './api-request.ts';
import { errorEnvelope } from './error-envelope.ts';
import type { ApiResponse } from './error-response.ts';
import { requestIdOf } from './request-id.ts';
import { requestLog } from './request-log.ts';

/** What a handler answers: always with 200, for everything else is an error that it throws. */
export type Answer = { body: unknown; headers?: Record<string, string> };

/** Milliseconds before Lambda's own timeout at which the request is answered as failed, so that it still is in the envelope. */
const TIMEOUT_EARLY_MS = 200;

/**
 * A Lambda handler of the REST API: gives `handle` the parsed request, and its answer or error the headers, envelope
 * and log line that all of them have. `operation` is the function's name in log and metrics.
 *
 * The chain is made for each request, so that every middleware is handed that request's scope instead of finding it
 * on an event or context of another type.
 */
export const apiHandler =
  (operation: string, handle: (request: ApiRequest) => Promise<Answer>) =>
  async (event: unknown, context: Context): Promise<ApiResponse> => {
    const parsed = z.safeParse(apiEventSchema, event);
    const sentIds = headersOf(parsed.data?.multiValueHeaders).get('x-request-id') ?? [];
    const scope = createRequestScope(
      requestIdOf(sentIds, parsed.data?.requestContext.requestId ?? context.awsRequestId),
    );
    const answer = async (): Promise<ApiResponse> => {
      if (!parsed.success)
        throw new TypeError('the event is not one of a REST API with its authorizer', {
          cause: parsed.error,
        });
      const { body, headers = {} } = await handle(apiRequestOf(parsed.data, scope));
      return { statusCode: 200, headers, body: JSON.stringify(body) };
    };
    return await middy<unknown, ApiResponse>(answer, { timeoutEarlyInMillis: TIMEOUT_EARLY_MS })
      .use(answerHeaders(scope))
      .use(requestLog(operation, scope, parsed.data))
      .use(errorEnvelope(scope))(event, context);
  };
