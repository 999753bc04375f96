import * as z from 'zod/mini';
import { apiHandler } from './http/api-handler.ts';
import type { ApiRequest } from './http/api-request.ts';
import { onlyValue, parseInput } from './http/parse-input.ts';
import { type ListInput, listProviderCalls, MAX_PAGE_SIZE } from './provider-calls/list-provider-calls.ts';
import { pageTokenSchema } from './provider-calls/page-token.ts';
import { presentProviderCall } from './provider-calls/provider-call.ts';
import { storeFromEnvironment } from './provider-calls/store-from-environment.ts';
import { idSchema } from './uuid.ts';

const deps = { store: storeFromEnvironment() };

/** A page size as the platform takes it: a whole number, and the maximum if it is absent or out of range. */
const pageSizeSchema = z._default(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,15}$/, 'must be a whole number')),
    z.transform((text) =>
      Number(text) >= 1 && Number(text) <= MAX_PAGE_SIZE ? Number(text) : MAX_PAGE_SIZE,
    ),
  ),
  MAX_PAGE_SIZE,
);

/** GET /providercalls */
export const handler = apiHandler(
  'list',
  async (request) => {
    const { records, nextPageToken } = await listProviderCalls(deps, request.scope, listInputOf(request));
    const unconfirmed = records.filter(({ state }) => state === 'unconfirmed').map(({ id }) => id);
    return {
      body: { result: records.map(presentProviderCall), next_page_token: nextPageToken },
      ...(unconfirmed.length > 0 && { headers: { 'X-ProviderCall-Unconfirmed': unconfirmed.join(', ') } }),
    };
  },
  ['page_size', 'page_token', 'provider_id'],
);

/**
 * Returns what the query asks for. An empty parameter counts as absent.
 *
 * @throws {PlatformError} INVALID_ARGUMENT when a parameter is malformed or repeated
 */
export function listInputOf({ query, caller }: ApiRequest): ListInput {
  const parse = <Schema extends z.ZodMiniType>(name: string, schema: Schema) => {
    const sent = query(name).filter((value) => value !== '');
    return parseInput(schema, onlyValue(sent, name), name);
  };
  return {
    customerId: caller.customerId,
    pageSize: parse('page_size', pageSizeSchema),
    after: parse('page_token', z.optional(pageTokenSchema)),
    providerId: parse('provider_id', z.optional(idSchema)),
  };
}
