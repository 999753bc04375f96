import { apiHandler } from './http/api-handler.ts';
import { listRequestOf } from './http/list-request.ts';
import { stateHeader } from './http/record-answer.ts';
import { listProviderCalls } from './provider-calls/list-provider-calls.ts';
import { presentProviderCall } from './provider-calls/provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-environment.ts';

const store = storeFromEnvironment();

/** GET /providercalls */
export const handler = apiHandler('list', async (request) => {
  const { records, nextPageToken } = await listProviderCalls(
    store,
    request.caller.customerId,
    listRequestOf(request),
  );
  return {
    body: { result: records.map(presentProviderCall), next_page_token: nextPageToken },
    headers: stateHeader(records),
  };
});
