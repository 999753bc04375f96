import { randomUUID } from 'node:crypto';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { deriveUuid, idSchema, nilUuid, uuidSchema } from '../../../functions/uuid.ts';
import type { DocumentStore } from './document-store.ts';
import { type Page, pageOf } from './paging.ts';
import { actionSchema, type Flow, flowSchema } from './records/flow.ts';
import { Refusal } from './refusal.ts';

export const createFlowSchema = z.strictObject({
  customer_id: idSchema,
  type: z._default(z.literal('flow'), 'flow'),
  name: z._default(z.string().check(z.maxLength(255)), ''),
  detail: z._default(z.string().check(z.maxLength(1000)), ''),
  actions: z._default(z.array(actionSchema).check(z.maxLength(1000)), []),
  on_complete_flow_id: z._default(uuidSchema, nilUuid),
  persist: z._default(z.boolean(), true),
});
export type CreateFlow = z.infer<typeof createFlowSchema>;

export type Flows = ReturnType<typeof createFlows>;

const notFound = () => new Refusal('NOT_FOUND', 'FLOW_NOT_FOUND', 'There is no such flow.');

/** The flow manager. */
export function createFlows({ store, clock }: { store: DocumentStore; clock: Clock }) {
  const flows = store.collection<Flow>({
    name: 'flow',
    schema: flowSchema,
    idOf: (flow) => flow.id,
    placementOf: (flow) =>
      flow.tm_delete === null
        ? { listed: { createdAt: flow.tm_create, id: flow.id, customerId: flow.customer_id } }
        : {},
  });

  /** A flow, deleted ones too. With `customerId`, another customer's is not found. */
  const get = async (id: string, customerId?: string): Promise<Flow> => {
    const flow = await flows.get(id);
    if (flow === undefined || (customerId !== undefined && flow.customer_id !== customerId)) throw notFound();
    return flow;
  };

  return {
    get,

    /** A customer's flow that is not deleted. */
    find: async (id: string, customerId: string): Promise<Flow | undefined> => {
      const flow = await flows.get(id);
      return flow?.customer_id === customerId && flow.tm_delete === null ? flow : undefined;
    },

    /** Writes a flow as it is, where there is none of its id. */
    seed: (flow: Flow) => flows.insert(flow),

    /**
     * Makes a flow. Its id comes from the idempotency key, so of any number of requests with one key one makes the
     * flow, and the others answer what that one answered, also when the flow has been deleted since.
     */
    create: async (request: CreateFlow, idempotencyKey?: string): Promise<Flow> => {
      const id = idempotencyKey === undefined ? randomUUID() : deriveUuid('flow', idempotencyKey);
      const now = timestampOf(clock.now());
      const flow = { id, ...request, tm_create: now, tm_update: now, tm_delete: null };
      if (await flows.insert(flow)) return flow;
      const made = await get(id);
      return { ...made, tm_update: made.tm_create, tm_delete: null };
    },

    list: (query: URLSearchParams): Promise<Page<Flow>> => pageOf(flows.list, query),

    /** Marks a flow as deleted; a deleted one stays as it is. */
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
