import * as z from 'zod/mini';
import { creationPeriod } from '../provider-calls/creation-period.ts';
import { BackendFailure, type FlowBackend } from '../provider-calls/ports.ts';
import { idSchema } from '../uuid.ts';
import type { Backend } from './backend.ts';
import { deleteFlow, postTemporaryFlow } from './flow-backend.ts';
import { listedBetween, momentSchema } from './listed-pages.ts';

type AmqpFlowBackendSettings = {
  backend: Backend;
  /** Milliseconds that a manager may spend on a request after taking it. */
  maxProcessing: number;
  now: () => Date;
};

const listedFlowSchema = z.object({ id: idSchema, detail: z.nullish(z.string()), tm_create: momentSchema });

/**
 * Returns the flow backend over the platform's own transport, which has no idempotency keys. An attempt's temporary
 * flow has the attempt's key as its detail, by which it is found.
 */
export function createAmqpFlowBackend({ backend, maxProcessing, now }: AmqpFlowBackendSettings): FlowBackend {
  return {
    createTemporaryFlow: (scope, flow) => postTemporaryFlow(backend, scope, flow, flow.idempotencyKey),

    findTemporaryFlow: async (scope, flow) => {
      const period = creationPeriod(flow, maxProcessing);
      const isOver = now().getTime() > period.to;
      const flows = await listedBetween(backend, scope, {
        name: 'flow',
        path: '/v1/flows',
        filters: { customer_id: flow.customerId },
        schema: listedFlowSchema,
        ...period,
      });
      const own = flows.find(({ detail }) => detail === flow.idempotencyKey);
      if (own === undefined && !isOver) {
        throw new BackendFailure('flow', 'the temporary flow may still be created', { outcome: 'unknown' });
      }
      return own?.id;
    },

    deleteFlow: (scope, id) => deleteFlow(backend, scope, id),
  };
}
