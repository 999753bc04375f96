import { backendsFromEnvironment } from './backends/backend-environment.ts';
import { createCallBackend } from './backends/call-backend.ts';
import { createFlowBackend } from './backends/flow-backend.ts';
import { reconcileHandler } from './handlers/reconcile-handler.ts';
import { storeFromEnvironment } from './provider-calls/store-from-environment.ts';

const backends = backendsFromEnvironment();

/** Runs on a schedule: settles what creates left behind. */
export const handler = reconcileHandler({
  store: storeFromEnvironment(),
  flowBackend: createFlowBackend(backends.flow()),
  callBackend: createCallBackend(backends.call()),
  now: () => new Date(),
});
