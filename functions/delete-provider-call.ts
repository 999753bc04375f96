import { apiHandler } from './http/api-handler.ts';
import { pathIdOf } from './http/parse-input.ts';
import { deleteProviderCall } from './provider-calls/delete-provider-call.ts';
import { recordResponse } from './provider-calls/provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-from-environment.ts';

const deps = { store: storeFromEnvironment(), now: () => new Date() };

/** DELETE /providercalls/{id} */
export const handler = apiHandler('delete', async (request) =>
  recordResponse(await deleteProviderCall(deps, request.scope, { ...request.caller, id: pathIdOf(request) })),
);
