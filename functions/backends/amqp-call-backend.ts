import * as z from 'zod/mini';
import type {
  ListedAddress,
  ListedCall,
  ListedGroupcall,
  ListingCallBackend,
} from '../provider-calls/ports.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend } from './backend.ts';
import { idsOf, placedSchema, placement } from './call-backend.ts';
import { listedBetween, momentSchema } from './listed-pages.ts';

/** How the managers represent a missing source. */
const EMPTY_ADDRESS = { type: '', target: '', target_name: '' };

const listedAddressSchema = z.nullish(
  z.object({ type: z.nullish(z.string()), target: z.nullish(z.string()) }),
);

const listedSchema = z.object({
  id: idSchema,
  flow_id: z.nullish(z.string()),
  master_call_id: z.nullish(z.string()),
  source: listedAddressSchema,
  tm_create: momentSchema,
});

const listedCallSchema = z.extend(listedSchema, {
  groupcall_id: z.nullish(z.string()),
  destination: listedAddressSchema,
  metadata: z.nullish(z.record(z.string(), z.unknown())),
});

const listedGroupcallSchema = z.extend(listedSchema, { master_groupcall_id: z.nullish(z.string()) });

const forcedRouteSchema = z.object({
  route_provider_ids: z.tuple([z.string()]),
  skip_source_validation: z.literal(true),
});

/** Returns the call backend over the platform's own transport, which has no idempotency keys. */
export function createAmqpCallBackend(backend: Backend): ListingCallBackend {
  return {
    placeCalls: async (scope, order) =>
      idsOf(await backend.request(scope, placedSchema, placement(order, order.source ?? EMPTY_ADDRESS))),

    listCalls: async (scope, { customerId, flowId }, period) => {
      // Without the filter `deleted`, a list includes what has been deleted since, which was placed all the same.
      const listing = { name: 'call', filters: { customer_id: customerId, flow_id: flowId }, ...period };
      const calls = await listedBetween(backend, scope, {
        ...listing,
        path: '/v1/calls',
        schema: listedCallSchema,
      });
      const groupcalls = await listedBetween(backend, scope, {
        ...listing,
        path: '/v1/groupcalls',
        schema: listedGroupcallSchema,
      });
      const hasFlow = ({ flow_id }: z.infer<typeof listedSchema>) => (flow_id ?? NIL_UUID) === flowId;
      return {
        calls: calls
          .filter((call) => hasFlow(call) && isNone(call.groupcall_id) && isNone(call.master_call_id))
          .map(toCall),
        groupcalls: groupcalls
          .filter((one) => hasFlow(one) && isNone(one.master_groupcall_id) && isNone(one.master_call_id))
          .map(toGroupcall),
      };
    },
  };
}

function toGroupcall({ id, source, tm_create }: z.infer<typeof listedSchema>): ListedGroupcall {
  return { id, source: toAddress(source), createdAt: tm_create };
}

function toCall({
  id,
  source,
  destination,
  metadata,
  tm_create,
}: z.infer<typeof listedCallSchema>): ListedCall {
  return {
    id,
    source: toAddress(source),
    destination: toAddress(destination),
    providerId: z.safeParse(forcedRouteSchema, metadata).data?.route_provider_ids[0],
    createdAt: tm_create,
  };
}

function toAddress(address: z.infer<typeof listedAddressSchema>): ListedAddress {
  return { type: address?.type ?? '', target: address?.target ?? '' };
}

function isNone(id: string | null | undefined): boolean {
  return (id ?? NIL_UUID) === NIL_UUID;
}
