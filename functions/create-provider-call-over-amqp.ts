import { createAmqpCallBackend } from './backends/amqp-call-backend.ts';
import { amqpBackendsFromEnvironment } from './backends/amqp-environment.ts';
import { createAmqpFlowBackend } from './backends/amqp-flow-backend.ts';
import { createRouteBackend } from './backends/route-backend.ts';
import { createHandler } from './handlers/create-handler.ts';
import { createClaimedCalls } from './provider-calls/claimed-calls.ts';
import { storesFromEnvironment } from './provider-calls/store-from-environment.ts';

const { maxProcessing, ...backends } = amqpBackendsFromEnvironment();
const { store, claims } = storesFromEnvironment();
function now() {
  return new Date();
}

/** POST /providercalls, with the backends behind RabbitMQ. */
export const handler = createHandler({
  store,
  routeBackend: createRouteBackend(backends.route()),
  flowBackend: createAmqpFlowBackend({ backend: backends.flow(), maxProcessing, now }),
  callBackend: createClaimedCalls({
    calls: createAmqpCallBackend(backends.call()),
    claims,
    maxProcessing,
    now,
  }),
  now,
});
