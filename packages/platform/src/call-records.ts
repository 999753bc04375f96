import * as z from 'zod/mini';
import type { Collection, DocumentStore } from './document-store.ts';
import {
  type CallDocument,
  type CallRequest,
  callDocumentSchema,
  callRequestSchema,
} from './records/call-request.ts';
import { type Groupcall, groupcallSchema } from './records/groupcall.ts';
import { sipAnalysisSchema, timelineEventSchema } from './records/timeline.ts';

/** Seconds since 1970. */
const expires = z.number();

const storedAnalysisSchema = z.object({ id: z.string(), analysis: sipAnalysisSchema, expires });
/** The capture of one call. */
export type StoredAnalysis = z.infer<typeof storedAnalysisSchema>;

const storedEventsSchema = z.object({ id: z.string(), events: z.array(timelineEventSchema), expires });
/** The steps of one call, oldest first. */
export type StoredEvents = z.infer<typeof storedEventsSchema>;

/** The collections of the call manager. */
export type CallRecords = {
  requests: Collection<CallRequest>;
  calls: Collection<CallDocument>;
  groupcalls: Collection<Groupcall>;
  analyses: Collection<StoredAnalysis>;
  events: Collection<StoredEvents>;
};

/** Opens the collections of the call manager. */
export function createCallRecords(store: DocumentStore): CallRecords {
  return {
    requests: store.collection<CallRequest>({
      name: 'call-request',
      schema: callRequestSchema,
      idOf: (request) => request.id,
      placementOf: ({ settled }) => ({ open: !settled }),
    }),

    calls: store.collection<CallDocument>({
      name: 'call',
      schema: callDocumentSchema,
      idOf: ({ call }) => call.id,
      placementOf: ({ call }) => ({
        listed: { createdAt: call.tm_create, id: call.id, customerId: call.customer_id },
        open: call.status !== 'hangup',
      }),
    }),

    groupcalls: store.collection<Groupcall>({
      name: 'groupcall',
      schema: groupcallSchema,
      idOf: (groupcall) => groupcall.id,
      placementOf: (groupcall) => ({
        listed: { createdAt: groupcall.tm_create, id: groupcall.id, customerId: groupcall.customer_id },
        open: groupcall.status !== 'hangup',
      }),
    }),

    analyses: store.collection<StoredAnalysis>({
      name: 'call-analysis',
      schema: storedAnalysisSchema,
      idOf: (stored) => stored.id,
      placementOf: (stored) => ({ expires: stored.expires }),
    }),

    events: store.collection<StoredEvents>({
      name: 'call-events',
      schema: storedEventsSchema,
      idOf: (stored) => stored.id,
      placementOf: (stored) => ({ expires: stored.expires }),
    }),
  };
}
