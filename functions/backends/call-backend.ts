import * as z from 'zod/mini';
import type { CallBackend, CallOrder } from '../provider-calls/ports.ts';
import type { PlacedCalls } from '../provider-calls/provider-call.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend, BackendRequest } from './backend.ts';

const identified = z.array(z.object({ id: idSchema }));
/** Go omits an empty list or writes it as null. */
const listsSchema = z.object({ calls: z.nullish(identified), groupcalls: z.nullish(identified) });

/** A response with neither list is not about calls, and does not prove that there are none. */
const foundSchema = listsSchema.check(
  z.refine(({ calls, groupcalls }) => (calls ?? groupcalls) != null, 'has no list of calls or groupcalls'),
);

/** A success that placed nothing contradicts itself: it does not parse, so its outcome is unknown until reconcile asks. */
export const placedSchema = listsSchema.check(
  z.refine(
    ({ calls, groupcalls }) => Boolean(calls?.length || groupcalls?.length),
    'names no call and no groupcall',
  ),
);

/** Returns the call backend behind a client. */
export function createCallBackend(backend: Backend): CallBackend {
  return {
    placeCalls: async (scope, order) =>
      idsOf(await backend.request(scope, placedSchema, placement(order, order.source))),

    findPlaced: async (scope, { idempotencyKey }) =>
      idsOf(
        await backend.request(scope, foundSchema, {
          method: 'GET',
          path: `/v1/calls?idempotency_key=${encodeURIComponent(idempotencyKey)}`,
        }),
      ),
  };
}

/** Returns the request that places an order. How it represents a missing source depends on the transport. */
export function placement(order: CallOrder, source: unknown): BackendRequest {
  return {
    method: 'POST',
    path: '/v1/calls',
    idempotencyKey: order.idempotencyKey,
    body: {
      customer_id: order.customerId,
      flow_id: order.flowId,
      master_call_id: NIL_UUID,
      source,
      destinations: order.destinations,
      early_execution: false,
      connect: false,
      anonymous: order.anonymous,
      metadata: { route_provider_ids: [order.providerId], skip_source_validation: true },
    },
  };
}

/** Returns the ids of the calls and groupcalls in a response. */
export function idsOf({ calls, groupcalls }: z.infer<typeof listsSchema>): PlacedCalls {
  return {
    callIds: calls?.map(({ id }) => id) ?? [],
    groupcallIds: groupcalls?.map(({ id }) => id) ?? [],
  };
}
