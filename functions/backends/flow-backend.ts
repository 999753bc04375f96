import * as z from 'zod/mini';
import type { Action } from '../provider-calls/create-request.ts';
import type { RequestScope } from '../request-scope.ts';
import { idSchema, nilUuid } from '../uuid.ts';
import type { Backend } from './backend.ts';
import { BackendFailure } from './backend-failure.ts';

const flowSchema = z.object({ id: idSchema });

export type FlowBackend = ReturnType<typeof createFlowBackend>;

/** The flow backend: temporary flows for inline actions. */
export const createFlowBackend = (backend: Backend) => ({
  /** Makes the temporary flow, or finds the one that was made under the same key. Gives its id; throws BackendFailure. */
  createTemporaryFlow: async (
    scope: RequestScope,
    {
      customerId,
      actions,
      idempotencyKey,
    }: { customerId: string; actions: Action[]; idempotencyKey: string },
  ): Promise<string> => {
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
        on_complete_flow_id: nilUuid,
        persist: false,
      },
    });
    return flow.id;
  },

  /** Deletes a flow. One that is gone already is as good as deleted. Throws BackendFailure otherwise. */
  deleteFlow: async (scope: RequestScope, id: string): Promise<void> => {
    try {
      await backend.request(scope, z.unknown(), { method: 'DELETE', path: `/v1/flows/${id}` });
    } catch (error) {
      if (!(error instanceof BackendFailure && error.refusal?.status === 404)) throw error;
    }
  },
});
