import * as z from 'zod/mini';

export const traceEntrySchema = z.object({
  /** UTC, `YYYY-MM-DD HH:MM:SS.ffffff`. */
  at: z.string(),
  /** `note` is a remark of ours: a skipped action, the next provider. */
  direction: z.enum(['sent', 'received', 'note']),
  /** The other side, `host:port`; empty for a note. */
  peer: z.string(),
  /** A whole SIP message as it was on the wire, or the note. */
  text: z.string(),
});
/** One thing that happened to a call, in the order in which it happened. */
export type TraceEntry = z.infer<typeof traceEntrySchema>;
