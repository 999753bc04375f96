import * as z from 'zod/mini';
import { BackendFailure, type FlowBackend } from '../provider-calls/ports.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend } from './backend.ts';

const flowSchema = z.object({ id: idSchema });

/** With these the backend refuses to create a flow: one that it refuses to create again does not exist. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 404, 422]);
const GONE: ReadonlySet<number | undefined> = new Set([404, 410]);

/** Returns the flow backend behind a client. */
export function createFlowBackend(backend: Backend): FlowBackend {
  const createTemporaryFlow: FlowBackend['createTemporaryFlow'] = async (
    scope,
    { customerId, actions, idempotencyKey },
  ) => {
    const flow = await backend.request(scope, flowSchema, {
      method: 'POST',
      path: '/v1/flows',
      idempotencyKey,
      body: {
        customer_id: customerId,
        type: 'flow',
        name: 'tmp',
        detail: 'temporary flow of a ProviderCall',
        actions,
        on_complete_flow_id: NIL_UUID,
        persist: false,
      },
    });
    return flow.id;
  };
  return {
    createTemporaryFlow,

    findTemporaryFlow: async (scope, flow) => {
      try {
        return await createTemporaryFlow(scope, flow);
      } catch (error) {
        if (error instanceof BackendFailure && REFUSED.has(error.errorResponse?.status)) return undefined;
        throw error;
      }
    },

    deleteFlow: async (scope, id) => {
      try {
        await backend.request(scope, z.unknown(), { method: 'DELETE', path: `/v1/flows/${id}` });
      } catch (error) {
        if (!(error instanceof BackendFailure && GONE.has(error.errorResponse?.status))) throw error;
      }
    },
  };
}
