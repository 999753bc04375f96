import type { MiddlewareObj } from '@middy/core';
import type { RequestScope } from '../request-scope.ts';
import { type ApiResponse, errorResponse, platformErrorOf } from './error-response.ts';

/** Middleware: an error becomes an answer in the platform's envelope. */
export const errorEnvelope = (scope: RequestScope): MiddlewareObj<unknown, ApiResponse> => ({
  onError: (request) => {
    request.response = errorResponse(platformErrorOf(request.error), scope.requestId);
  },
});
