import * as z from 'zod/mini';
import type { FlowId } from '../flavor.ts';
import { BackendFailure, type FlowBackend, type NewTemporaryFlow } from '../provider-calls/ports.ts';
import type { RequestScope } from '../request-scope.ts';
import { idSchema, NIL_UUID } from '../uuid.ts';
import type { Backend } from './backend.ts';

const flowSchema = z.object({ id: idSchema });

/** Statuses with which the backend rejects a flow: one that it rejects again does not exist. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 404, 422]);
const GONE: ReadonlySet<number | undefined> = new Set([404, 410]);

/** Returns the flow backend behind a client. */
export function createFlowBackend(backend: Backend): FlowBackend {
  const createTemporaryFlow: FlowBackend['createTemporaryFlow'] = (scope, flow) =>
    postTemporaryFlow(backend, scope, flow, 'temporary flow of a ProviderCall');
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

    deleteFlow: (scope, id) => deleteFlow(backend, scope, id),
  };
}

/**
 * Creates a temporary flow and returns its id. `detail` is text that the platform keeps with it.
 *
 * @throws {BackendFailure}
 */
export async function postTemporaryFlow(
  backend: Backend,
  scope: RequestScope,
  { customerId, actions, idempotencyKey }: NewTemporaryFlow,
  detail: string,
): Promise<FlowId> {
  const flow = await backend.request(scope, flowSchema, {
    method: 'POST',
    path: '/v1/flows',
    idempotencyKey,
    body: {
      customer_id: customerId,
      type: 'flow',
      name: 'tmp',
      detail,
      actions,
      on_complete_flow_id: NIL_UUID,
      persist: false,
    },
  });
  return flow.id;
}

/**
 * Deletes a flow; one that does not exist counts as deleted.
 *
 * @throws {BackendFailure}
 */
export async function deleteFlow(backend: Backend, scope: RequestScope, id: FlowId): Promise<void> {
  try {
    await backend.request(scope, z.unknown(), { method: 'DELETE', path: `/v1/flows/${id}` });
  } catch (error) {
    if (!(error instanceof BackendFailure && GONE.has(error.errorResponse?.status))) throw error;
  }
}
