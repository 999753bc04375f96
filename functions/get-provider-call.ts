import { apiHandler } from './http/api-handler.ts';
import { recordAnswer } from './http/record-answer.ts';
import { recordIdOf } from './http/record-id.ts';
import { getProviderCall } from './provider-calls/get-provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-environment.ts';

const store = storeFromEnvironment();

/** GET /providercalls/{id} */
export const handler = apiHandler('get', async (request) =>
  recordAnswer(await getProviderCall(store, request.caller.customerId, recordIdOf(request))),
);
