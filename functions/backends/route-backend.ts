import * as z from 'zod/mini';
import type { RequestScope } from '../request-scope.ts';
import type { Backend } from './backend.ts';
import { BackendFailure } from './backend-failure.ts';

/** The end of time with which older rows of the platform say "not deleted"; newer ones say null. */
const NEVER = '9999-01-01 00:00:00.000000';

const providerSchema = z.object({ id: z.string(), tm_delete: z.nullish(z.string()) });

export type RouteBackend = ReturnType<typeof createRouteBackend>;

/** The route backend: whom calls can go through. */
export const createRouteBackend = (backend: Backend) => ({
  /** Whether there is such a provider, not deleted. Throws BackendFailure when the backend cannot say. */
  hasProvider: async (scope: RequestScope, id: string): Promise<boolean> => {
    try {
      const provider = await backend.request(scope, providerSchema, {
        method: 'GET',
        path: `/v1/providers/${id}`,
      });
      return (provider.tm_delete ?? NEVER).replace('T', ' ').replace('Z', '') === NEVER;
    } catch (error) {
      if (error instanceof BackendFailure && error.refusal?.status === 404) return false;
      throw error;
    }
  },
});
