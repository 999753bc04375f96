import * as z from 'zod/mini';
import type { RouteCandidate } from '../dialroutes.ts';
import { type Anonymous, anonymousSchema } from './address.ts';
import { type Call, callSchema } from './call.ts';
import { type Action, actionSchema } from './flow.ts';
import { groupcallSchema } from './groupcall.ts';
import { providerSchema } from './provider.ts';

/**
 * One accepted POST /v1/calls: everything that it places, decided and stored before anything is dialled, so that any
 * process that finds it unfinished can finish it.
 */
export const callRequestSchema = z.object({
  /** The idempotency key, or a random id if there was none. */
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

/** A call to be dialled, with everything that is needed to do so. */
export type PlannedCall = {
  call: Call;
  anonymous: Anonymous;
  /** The route candidates to try, best first. */
  candidates: RouteCandidate[];
  /** What happens after the answer; null when no flow was attached. */
  actions: Action[] | null;
};

/** Returns all calls of an accepted request, ready to be dialled. */
export function plannedCalls({ calls, legs, providers, anonymous, actions }: CallRequest): PlannedCall[] {
  return [...calls, ...legs].map((call) => ({
    call,
    anonymous,
    actions,
    candidates: call.dialroutes.map((route) => {
      const provider = providers[route.provider_id];
      if (provider === undefined) throw new Error(`call ${call.id} was planned without its provider`);
      return { route, provider };
    }),
  }));
}

export const callDocumentSchema = z.object({
  call: callSchema,
  request_id: z.string(),
  /** The process that wrote it first, and so has to dial it. */
  written_by: z.string(),
  /** When its hangup was requested, in milliseconds since 1970. */
  hangup_asked_at: z.nullable(z.number()),
});
/** A call as stored. */
export type CallDocument = z.infer<typeof callDocumentSchema>;
