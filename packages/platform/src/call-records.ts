import * as z from 'zod/mini';
import type { DocumentStore } from './document-store.ts';
import {
  type CallDocument,
  type CallRequest,
  callDocumentSchema,
  callRequestSchema,
} from './records/call-request.ts';
import { type Groupcall, groupcallSchema } from './records/groupcall.ts';
import { traceEntrySchema } from './records/trace-entry.ts';

const callTraceSchema = z.object({
  id: z.string(),
  entries: z.array(traceEntrySchema),
  /** Seconds since 1970. */
  expires: z.number(),
});
export type CallTrace = z.infer<typeof callTraceSchema>;

export type CallRecords = ReturnType<typeof createCallRecords>;

/** Where the call manager keeps what it knows. */
export const createCallRecords = (store: DocumentStore) => ({
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
    placementOf: (groupcall) => ({ open: groupcall.status !== 'hangup' }),
  }),

  traces: store.collection<CallTrace>({
    name: 'call-trace',
    schema: callTraceSchema,
    idOf: (trace) => trace.id,
    placementOf: ({ expires }) => ({ expires }),
  }),
});
