import * as z from 'zod/mini';
import { BackendFailure, type RouteBackend } from '../provider-calls/ports.ts';
import { deletionTimeOf } from '../timestamp.ts';
import type { Backend } from './backend.ts';

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
        return deletionTimeOf(provider.tm_delete) === null;
      } catch (error) {
        if (!(error instanceof BackendFailure)) throw error;
        const { status, reason } = error.errorResponse ?? {};
        if (status === 404) return false;
        if (status !== 400 || reason !== undefined) throw error;
        // This is how the manager responds when its database fails. The request, with a UUID in it, was not at fault.
        throw new BackendFailure('route', 'GET returned 400 without a reason', {
          outcome: 'nothing-done',
          cause: error,
        });
      }
    },
  };
}
