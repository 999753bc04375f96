import * as z from 'zod/mini';
import { BackendFailure, type RouteBackend } from '../provider-calls/ports.ts';
import type { Backend } from './backend.ts';

/** The end of time with which older rows of the platform say "not deleted"; newer ones say null. */
const NEVER = '9999-01-01 00:00:00.000000';

const providerSchema = z.object({ id: z.string(), tm_delete: z.nullish(z.string()) });

/** Returns the route backend behind a client. */
export function createRouteBackend(backend: Backend): RouteBackend {
  return {
    hasProvider: async (scope, id) => {
      try {
        const provider = await backend.request(scope, providerSchema, {
          method: 'GET',
          path: `/v1/providers/${id}`,
        });
        return (provider.tm_delete ?? NEVER).replace('T', ' ').replace('Z', '') === NEVER;
      } catch (error) {
        if (error instanceof BackendFailure && error.errorResponse?.status === 404) return false;
        throw error;
      }
    },
  };
}
