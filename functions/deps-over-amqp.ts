import { createAmqpCallBackend } from './backends/amqp-call-backend.ts';
import { amqpBackendsFromEnvironment } from './backends/amqp-environment.ts';
import { createAmqpFlowBackend } from './backends/amqp-flow-backend.ts';
import type { Backend } from './backends/backend.ts';
import { createClaimedCalls } from './provider-calls/claimed-calls.ts';
import type { SettleDeps } from './provider-calls/ports.ts';
import { storesFromEnvironment } from './provider-calls/store-from-environment.ts';

/**
 * Returns what the functions need whose backends are behind RabbitMQ. The route backend is connected on request: reconcile has
 * none in its environment.
 */
export function depsOverAmqp(): { settleDeps: SettleDeps; route: () => Backend } {
  const { maxProcessing, route, flow, call } = amqpBackendsFromEnvironment();
  const { store, claims } = storesFromEnvironment();
  const now = () => new Date();
  const settleDeps = {
    store,
    flowBackend: createAmqpFlowBackend({ backend: flow(), maxProcessing, now }),
    callBackend: createClaimedCalls({ calls: createAmqpCallBackend(call()), claims, maxProcessing, now }),
    now,
  };
  return { settleDeps, route };
}
