import * as z from 'zod/mini';
import { anonymousSchema } from './address.ts';
import { callSchema } from './call.ts';
import { actionSchema } from './flow.ts';
import { groupcallSchema } from './groupcall.ts';
import { providerSchema } from './provider.ts';

/**
 * One accepted POST /v1/calls: all that it places, decided and written down before anything is dialled, so that
 * whoever finds it unfinished can finish it.
 */
export const callRequestSchema = z.object({
  /** The idempotency key, or an id of its own where there was none. */
  id: z.string(),
  /** Milliseconds since 1970. */
  placed_at: z.number(),
  /** Whether all of it has been written. */
  settled: z.boolean(),
  anonymous: anonymousSchema,
  /** The flow's actions at that time; null when no flow was attached. */
  actions: z.nullable(z.array(actionSchema)),
  /** The providers of all routes at that time, by id. */
  providers: z.record(z.string(), providerSchema),
  /** One for each tel and sip destination. */
  calls: z.array(callSchema),
  groupcalls: z.array(groupcallSchema),
  /** The calls of the groupcalls. */
  legs: z.array(callSchema),
});
export type CallRequest = z.infer<typeof callRequestSchema>;

export const callDocumentSchema = z.object({
  call: callSchema,
  request_id: z.string(),
  /** Who wrote it first, and so has to dial it. */
  written_by: z.string(),
  /** When somebody asked for its end, milliseconds since 1970. */
  hangup_asked_at: z.nullable(z.number()),
});
/** A call as it is stored. */
export type CallDocument = z.infer<typeof callDocumentSchema>;
