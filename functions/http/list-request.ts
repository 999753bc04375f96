import * as z from 'zod/mini';
import type { ListRequest } from '../provider-calls/list-provider-calls.ts';
import { pageTokenSchema } from '../provider-calls/page-token.ts';
import { idSchema } from '../uuid.ts';
import type { ApiRequest } from './api-request.ts';
import { onlyValue } from './only-value.ts';
import { parseInput } from './parse-input.ts';

export const maximumPageSize = 100;

/** A page size as the platform takes it: a whole number, and the maximum where it is absent or out of range. */
const pageSizeSchema = z._default(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,15}$/, 'must be a whole number')),
    z.transform((text) =>
      Number(text) >= 1 && Number(text) <= maximumPageSize ? Number(text) : maximumPageSize,
    ),
  ),
  maximumPageSize,
);

/** The query of GET /providercalls. An empty parameter counts as absent. Throws PlatformError. */
export const listRequestOf = ({ query }: ApiRequest): ListRequest => {
  const parse = <Schema extends z.ZodMiniType>(name: string, schema: Schema) => {
    const sent = query(name).filter((value) => value !== '');
    return parseInput(schema, onlyValue(sent, name), name);
  };
  return {
    pageSize: parse('page_size', pageSizeSchema),
    after: parse('page_token', z.optional(pageTokenSchema)),
    providerId: parse('provider_id', z.optional(idSchema)),
  };
};
