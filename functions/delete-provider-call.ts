import { apiHandler } from './http/api-handler.ts';
import { recordAnswer } from './http/record-answer.ts';
import { recordIdOf } from './http/record-id.ts';
import { deleteProviderCall } from './provider-calls/delete-provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-environment.ts';

const store = storeFromEnvironment();

/** DELETE /providercalls/{id} */
export const handler = apiHandler('delete', async (request) =>
  recordAnswer(
    await deleteProviderCall(store, { ...request.caller, id: recordIdOf(request), now: new Date() }),
  ),
);
