import * as z from 'zod/mini';
import type { Address, Anonymous } from '../provider-calls/provider-call.ts';
import type { RequestScope } from '../request-scope.ts';
import { idSchema, nilUuid } from '../uuid.ts';
import type { Backend } from './backend.ts';

/** The ids of what one request to the call backend made. */
export type PlacedCalls = { callIds: string[]; groupcallIds: string[] };

type CallsToPlace = {
  customerId: string;
  providerId: string;
  flowId: string;
  source: Address | null;
  destinations: Address[];
  anonymous: Anonymous;
  idempotencyKey: string;
};

const identified = z.array(z.object({ id: idSchema }));
const foundSchema = z.object({ calls: identified, groupcalls: identified });
/** A success that placed nothing contradicts itself: it does not parse, and so counts as unknown until reconcile asks. */
const placedSchema = foundSchema.check(
  z.refine(({ calls, groupcalls }) => calls.length + groupcalls.length > 0, 'names no call and no groupcall'),
);

const idsOf = ({ calls, groupcalls }: z.infer<typeof foundSchema>): PlacedCalls => ({
  callIds: calls.map(({ id }) => id),
  groupcallIds: groupcalls.map(({ id }) => id),
});

export type CallBackend = ReturnType<typeof createCallBackend>;

/** The call backend: it dials. */
export const createCallBackend = (backend: Backend) => ({
  /** Places a call to every destination, through the one provider. Throws BackendFailure, whose outcome says what is known. */
  placeCalls: async (scope: RequestScope, calls: CallsToPlace): Promise<PlacedCalls> =>
    idsOf(
      await backend.request(scope, placedSchema, {
        method: 'POST',
        path: '/v1/calls',
        idempotencyKey: calls.idempotencyKey,
        body: {
          customer_id: calls.customerId,
          flow_id: calls.flowId,
          master_call_id: nilUuid,
          source: calls.source,
          destinations: calls.destinations,
          early_execution: false,
          connect: false,
          anonymous: calls.anonymous,
          metadata: { route_provider_ids: [calls.providerId], skip_source_validation: true },
        },
      }),
    ),

  /** What was placed under a key; empty lists when nothing was. Throws BackendFailure when the backend cannot say. */
  findPlaced: async (scope: RequestScope, idempotencyKey: string): Promise<PlacedCalls> =>
    idsOf(
      await backend.request(scope, foundSchema, {
        method: 'GET',
        path: `/v1/calls?idempotency_key=${encodeURIComponent(idempotencyKey)}`,
      }),
    ),
});
