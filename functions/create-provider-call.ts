import { backendsFromEnvironment } from './backends/backend-environment.ts';
import { createCallBackend } from './backends/call-backend.ts';
import { createFlowBackend } from './backends/flow-backend.ts';
import { createRouteBackend } from './backends/route-backend.ts';
import { apiHandler } from './http/api-handler.ts';
import { idempotencyKeyOf } from './http/idempotency-key-header.ts';
import { readJsonBody } from './http/json-body.ts';
import { parseInput } from './http/parse-input.ts';
import { recordAnswer } from './http/record-answer.ts';
import { createProviderCall } from './provider-calls/create-provider-call.ts';
import { createRequestSchema } from './provider-calls/create-request.ts';
import { storeFromEnvironment } from './provider-calls/store-environment.ts';

const backends = backendsFromEnvironment();
const collaborators = {
  store: storeFromEnvironment(),
  routeBackend: createRouteBackend(backends.route()),
  flowBackend: createFlowBackend(backends.flow()),
  callBackend: createCallBackend(backends.call()),
  now: () => new Date(),
};

/** POST /providercalls */
export const handler = apiHandler('create', async (request) => {
  const { record, replayed } = await createProviderCall(collaborators, request.scope, {
    customerId: request.caller.customerId,
    actor: request.caller.actor,
    idempotencyKey: idempotencyKeyOf(request),
    request: parseInput(createRequestSchema, readJsonBody(request), 'body'),
  });
  const answer = recordAnswer(record);
  return replayed ? { ...answer, headers: { ...answer.headers, 'Idempotent-Replayed': 'true' } } : answer;
});
