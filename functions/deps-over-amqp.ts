import { createAmqpCallBackend } from './backends/amqp-call-backend.ts';
import { amqpBackendsFromEnvironment } from './backends/amqp-environment.ts';
import { createAmqpFlowBackend } from './backends/amqp-flow-backend.ts';
import type { Backend } from './backends/backend.ts';
import { createCallClaimStore } from './provider-calls/call-claim-store.ts';
import { createClaimedCalls } from './provider-calls/claimed-calls.ts';
import type { SettleDeps } from './provider-calls/ports.ts';
import { createProviderCallStore } from './provider-calls/provider-call-store.ts';
import { tableFromEnvironment } from './provider-calls/store-from-environment.ts';

/**
 * Returns what the functions need whose backends are behind RabbitMQ. The client of the route backend is made on
 * request, because reconcile has no such backend in its environment.
 */
export function depsOverAmqp(): { settleDeps: SettleDeps; route: () => Backend } {
  const { maxProcessing, route, flow, call } = amqpBackendsFromEnvironment();
  const table = tableFromEnvironment();
  const claims = createCallClaimStore(table.client, table.name);
  const now = () => new Date();
  const settleDeps = {
    store: createProviderCallStore(table.client, table.name),
    flowBackend: createAmqpFlowBackend({ backend: flow(), maxProcessing, now }),
    callBackend: createClaimedCalls({ calls: createAmqpCallBackend(call()), claims, maxProcessing, now }),
    now,
  };
  return { settleDeps, route };
}
