import { apiHandler } from './http/api-handler.ts';
import { pathIdOf } from './http/parse-input.ts';
import { getProviderCall } from './provider-calls/get-provider-call.ts';
import { recordResponse } from './provider-calls/provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-from-environment.ts';

const deps = { store: storeFromEnvironment() };

/** GET /providercalls/{id} */
export const handler = apiHandler('get', async (request) => {
  const { customerId } = request.caller;
  return recordResponse(await getProviderCall(deps, request.scope, { customerId, id: pathIdOf(request) }));
});
