import * as z from 'zod/mini';
import type { ClientIdempotencyKey } from '../flavor.ts';
import { apiHandler } from '../http/api-handler.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { readJsonBody } from '../http/json-body.ts';
import { onlyValue, parseInput } from '../http/parse-input.ts';
import { createProviderCall } from '../provider-calls/create-provider-call.ts';
import { createRequestSchema, idempotencyKeySchema } from '../provider-calls/create-request.ts';
import type { CreateDeps } from '../provider-calls/ports.ts';
import { recordResponse } from '../provider-calls/provider-call.ts';

/** Returns the handler of POST /providercalls, whatever the transport to the backends. */
export function createHandler(deps: CreateDeps) {
  return apiHandler('create', async (request) => {
    const { record, replayed } = await createProviderCall(deps, request.scope, {
      ...request.caller,
      idempotencyKey: idempotencyKeyOf(request),
      request: parseInput(createRequestSchema, readJsonBody(request), 'body'),
    });
    const { body, headers } = recordResponse(record);
    return { body, headers: { ...headers, ...(replayed && { 'Idempotent-Replayed': 'true' }) } };
  });
}

function idempotencyKeyOf({ header }: ApiRequest): ClientIdempotencyKey | undefined {
  const name = 'Idempotency-Key';
  return parseInput(z.optional(idempotencyKeySchema), onlyValue(header(name.toLowerCase()), name), name);
}
