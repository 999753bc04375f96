import * as z from 'zod/mini';
import type { ProviderCallEvent } from '../functions/events/provider-call-event.ts';
import type { ErrorDetail } from '../functions/platform-error.ts';
import {
  addressSchema,
  anonymousSchema,
  MAX_DESTINATIONS,
} from '../functions/provider-calls/create-request.ts';
import { MAX_PAGE_SIZE } from '../functions/provider-calls/list-provider-calls.ts';
import type { presentProviderCall } from '../functions/provider-calls/provider-call.ts';

/*
 * The API's responses, as schemas. No function parses its own responses, so the schemas are here, where they do not slow
 * a function's start; `satisfies` ties them to what the functions actually return.
 */

const uuid = z.guid();

/** UTC with microseconds. */
const timestamp = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/));

const recordShape = {
  id: uuid,
  customer_id: uuid,
  provider_id: uuid,
  flow_id: uuid,
  source: z.nullable(addressSchema),
  destinations: z.array(addressSchema).check(z.minLength(1), z.maxLength(MAX_DESTINATIONS)),
  anonymous: anonymousSchema,
  call_ids: z.array(uuid),
  groupcall_ids: z.array(uuid),
  tm_create: timestamp,
  tm_update: timestamp,
  tm_delete: z.nullable(timestamp),
};

/** The record as the API returns it. */
export const providerCallSchema = z.strictObject(recordShape) satisfies z.ZodMiniType<
  ReturnType<typeof presentProviderCall>
>;

/** Returns the schema of a page of any list of the platform. */
export function pageSchemaOf<Item extends z.ZodMiniType>(item: Item) {
  return z.strictObject({
    result: z.array(item).check(z.maxLength(MAX_PAGE_SIZE)),
    next_page_token: z.string(),
  });
}

/** Who made a change, in an event. */
export const actorSchema = z.strictObject({ type: z.enum(['agent', 'accesskey']), id: uuid });

/** `detail` of both events. */
export const eventDetailSchema = z.strictObject({
  ...recordShape,
  actor: z.nullable(actorSchema),
  request_id: z.string().check(z.minLength(1)),
}) satisfies z.ZodMiniType<ProviderCallEvent['detail']>;

/** One entry of an error's `details`. */
export const errorDetailSchema = z.union([
  z.strictObject({ field: z.string(), message: z.string() }),
  z.strictObject({ providercall_id: uuid }),
]) satisfies z.ZodMiniType<ErrorDetail>;

/** Returns the schema of the platform's envelope around an error of one of these statuses and reasons. */
export function errorSchemaOf(statuses: readonly string[], reasons: readonly string[]) {
  return z.strictObject({
    error: z.strictObject({
      status: z.enum(statuses),
      reason: z.enum(reasons),
      message: z.string().check(z.minLength(1)),
      request_id: z.string().check(z.minLength(1)),
      details: z.optional(z.array(errorDetailSchema).check(z.minLength(1))),
    }),
  });
}
