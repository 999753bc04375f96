import * as z from 'zod/mini';
import type { CallBackend } from '../provider-calls/ports.ts';
import type { PlacedCalls } from '../provider-calls/provider-call.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend } from './backend.ts';

const identified = z.array(z.object({ id: idSchema }));
const foundSchema = z.object({ calls: identified, groupcalls: identified });
/** A success that placed nothing contradicts itself: it does not parse, and so counts as unknown until reconcile asks. */
const placedSchema = foundSchema.check(
  z.refine(({ calls, groupcalls }) => calls.length + groupcalls.length > 0, 'names no call and no groupcall'),
);

/** Returns the call backend behind a client. */
export function createCallBackend(backend: Backend): CallBackend {
  return {
    placeCalls: async (scope, calls) =>
      idsOf(
        await backend.request(scope, placedSchema, {
          method: 'POST',
          path: '/v1/calls',
          idempotencyKey: calls.idempotencyKey,
          body: {
            customer_id: calls.customerId,
            flow_id: calls.flowId,
            master_call_id: NIL_UUID,
            source: calls.source,
            destinations: calls.destinations,
            early_execution: false,
            connect: false,
            anonymous: calls.anonymous,
            metadata: { route_provider_ids: [calls.providerId], skip_source_validation: true },
          },
        }),
      ),

    findPlaced: async (scope, key) =>
      idsOf(
        await backend.request(scope, foundSchema, {
          method: 'GET',
          path: `/v1/calls?idempotency_key=${encodeURIComponent(key)}`,
        }),
      ),
  };
}

function idsOf({ calls, groupcalls }: z.infer<typeof foundSchema>): PlacedCalls {
  return { callIds: calls.map(({ id }) => id), groupcallIds: groupcalls.map(({ id }) => id) };
}
