import * as z from 'zod/mini';
import { BackendFailure, type FlowBackend } from '../provider-calls/ports.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend } from './backend.ts';

const flowSchema = z.object({ id: idSchema });

/** Returns the flow backend behind a client. */
export function createFlowBackend(backend: Backend): FlowBackend {
  return {
    createTemporaryFlow: async (scope, { customerId, actions, idempotencyKey }) => {
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
    },

    deleteFlow: async (scope, id) => {
      try {
        await backend.request(scope, z.unknown(), { method: 'DELETE', path: `/v1/flows/${id}` });
      } catch (error) {
        if (!(error instanceof BackendFailure && error.errorResponse?.status === 404)) throw error;
      }
    },
  };
}
