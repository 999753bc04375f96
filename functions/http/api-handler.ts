import type { Operation } from '../log/operation.ts';
import type { ApiRequest } from './api-request.ts';
import { responseHandler } from './response-handler.ts';

/** What a handler answers: always with 200, for everything else is an error that it throws. */
export type Answer = { body: unknown; headers?: Record<string, string> };

/** A Lambda handler of the REST API whose answers are JSON. */
export const apiHandler = (operation: Operation, handle: (request: ApiRequest) => Promise<Answer>) =>
  responseHandler(operation, async (request) => {
    const { body, headers = {} } = await handle(request);
    return { statusCode: 200, headers, body: JSON.stringify(body) };
  });
