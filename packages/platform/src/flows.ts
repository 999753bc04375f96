import { randomUUID } from 'node:crypto';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { deriveUuid, idSchema, NIL_UUID, uuidSchema } from '../../../functions/uuid.ts';
import type { DocumentStore } from './document-store.ts';
import { ManagerError } from './manager-error.ts';
import { type Page, pageOf } from './paging.ts';
import { actionSchema, type Flow, flowSchema } from './records/flow.ts';

export const createFlowSchema = z.strictObject({
  customer_id: idSchema,
  type: z._default(z.literal('flow'), 'flow'),
  name: z._default(z.string().check(z.maxLength(255)), ''),
  detail: z._default(z.string().check(z.maxLength(1000)), ''),
  actions: z._default(z.array(actionSchema).check(z.maxLength(1000)), []),
  on_complete_flow_id: z._default(uuidSchema, NIL_UUID),
  persist: z._default(z.boolean(), true),
});
export type CreateFlow = z.infer<typeof createFlowSchema>;

export type Flows = ReturnType<typeof createFlows>;

/** The flow manager. */
export function createFlows({ store, clock }: { store: DocumentStore; clock: Clock }) {
  const flows = store.collection<Flow>({
    name: 'flow',
    schema: flowSchema,
    idOf: (flow) => flow.id,
    placementOf: (flow) => ({
      listed: { createdAt: flow.tm_create, id: flow.id, customerId: flow.customer_id },
    }),
  });

  /**
   * Returns a flow, even a deleted one.
   *
   * @param customerId the customer that must own the flow; without it, any may
   * @throws {ManagerError} FLOW_NOT_FOUND
   */
  async function get(id: string, customerId?: string): Promise<Flow> {
    const flow = await flows.get(id);
    if (flow === undefined || (customerId !== undefined && flow.customer_id !== customerId)) throw notFound();
    return flow;
  }

  return {
    get,

    /** Returns a customer's flow, or undefined if there is none or it has been deleted. */
    find: async (id: string, customerId: string): Promise<Flow | undefined> => {
      const flow = await flows.get(id);
      return flow?.customer_id === customerId && flow.tm_delete === null ? flow : undefined;
    },

    /** Writes a flow unchanged, unless its id already exists. */
    seed: (flow: Flow) => flows.insert(flow),

    /**
     * Creates a flow. Its id is derived from the idempotency key, so out of any number of requests with the same key,
     * one creates the flow and the others return that flow, even if it has been deleted since.
     */
    create: async (request: CreateFlow, idempotencyKey?: string): Promise<Flow> => {
      const id = idempotencyKey === undefined ? randomUUID() : deriveUuid('flow', idempotencyKey);
      const now = timestampOf(clock.now());
      const flow = { id, ...request, tm_create: now, tm_update: now, tm_delete: null };
      if (await flows.insert(flow)) return flow;
      const existing = await get(id);
      return { ...existing, tm_update: existing.tm_create, tm_delete: null };
    },

    /**
     * Returns one page of flows, newest first.
     *
     * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
     */
    list: (query: URLSearchParams): Promise<Page<Flow>> => pageOf(flows.list, query),

    /**
     * Marks a flow as deleted; one that already is does not change.
     *
     * @throws {ManagerError} FLOW_NOT_FOUND
     */
    delete: async (id: string): Promise<Flow> => {
      const now = timestampOf(clock.now());
      const deleted = await flows.change(id, (flow) =>
        flow?.tm_delete === null ? { ...flow, tm_update: now, tm_delete: now } : undefined,
      );
      if (deleted === undefined) throw notFound();
      return deleted;
    },
  };
}

function notFound(): ManagerError {
  return new ManagerError('NOT_FOUND', 'FLOW_NOT_FOUND', 'There is no such flow.');
}
