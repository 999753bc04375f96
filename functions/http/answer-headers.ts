import type { MiddlewareObj, Request } from '@middy/core';
import type { RequestScope } from '../request-scope.ts';
import { crossOriginHeaders } from './cross-origin.ts';
import type { ApiResponse } from './error-response.ts';
import { responseHeaders } from './response-headers.ts';

/** Middleware: the headers that every answer has, errors included. */
export const answerHeaders = (
  scope: RequestScope,
  origins: string[],
): MiddlewareObj<unknown, ApiResponse> => {
  const add = ({ response }: Request<unknown, ApiResponse>) => {
    if (response)
      response.headers = {
        ...responseHeaders,
        'X-Request-Id': scope.requestId,
        ...crossOriginHeaders(origins),
        ...response.headers,
      };
  };
  return { after: add, onError: add };
};
