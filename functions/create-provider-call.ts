import { backendsFromEnvironment } from './backends/backend-environment.ts';
import { createCallBackend } from './backends/call-backend.ts';
import { createFlowBackend } from './backends/flow-backend.ts';
import { createRouteBackend } from './backends/route-backend.ts';
import { createHandler } from './handlers/create-handler.ts';
import { storeFromEnvironment } from './provider-calls/store-from-environment.ts';

const backends = backendsFromEnvironment();

/** POST /providercalls */
export const handler = createHandler({
  store: storeFromEnvironment(),
  routeBackend: createRouteBackend(backends.route()),
  flowBackend: createFlowBackend(backends.flow()),
  callBackend: createCallBackend(backends.call()),
  now: () => new Date(),
});
