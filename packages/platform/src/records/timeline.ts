import type { CallCapture, CapturedMessage } from '@provider-call/sip/call-capture';
import { timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { type Call, type CallStatus, callSchema } from './call.ts';

const sipMessageSchema = z.object({
  /** ISO 8601 with microseconds, UTC. */
  timestamp: z.string(),
  /** A request's method, or a response's status code: "INVITE", "180". */
  method: z.string(),
  src_ip: z.string(),
  src_port: z.number(),
  dst_ip: z.string(),
  dst_port: z.number(),
  /** The whole message. */
  raw: z.string(),
});
/** A SIP message that crossed our edge, as the platform's timelines return it. */
type SipMessage = z.infer<typeof sipMessageSchema>;

/** Counters of a call's media. A field that was not measured is absent. */
const rtcpStatsSchema = z.partial(
  z.object({
    /** Interarrival jitter of the received stream, milliseconds (RFC 3550 §6.4.1). */
    jitter: z.number(),
    /** Lost packets of the received stream, percent. */
    packet_loss_pct: z.number(),
    /** Both directions together, as are the bytes of their payloads and headers. */
    rtp_packets: z.number(),
    rtp_bytes: z.number(),
    /** The directions apart, so that one-way audio is visible. The platform has no such fields. */
    rtp_packets_sent: z.number(),
    rtp_packets_received: z.number(),
    rtp_bytes_sent: z.number(),
    rtp_bytes_received: z.number(),
  }),
);

/** A remark about something that is no failure: a substituted codec, a skipped header. The platform has no such list. */
const analysisNoteSchema = z.object({ timestamp: z.string(), text: z.string() });

export const sipAnalysisSchema = z.object({
  sip_messages: z.array(sipMessageSchema),
  rtcp_stats: z.nullable(rtcpStatsSchema),
  notes: z.optional(z.array(analysisNoteSchema)),
});
/** The response of `GET /timelines/calls/{id}/sip-analysis`. */
export type SipAnalysis = z.infer<typeof sipAnalysisSchema>;

export const timelineEventSchema = z.object({
  /** ISO 8601 with microseconds, UTC. */
  timestamp: z.string(),
  /** `call_created`, or `call_` and the status. */
  event_type: z.string(),
  /** The call as its webhooks show it. */
  data: callSchema,
});
/** A step of a call, as the platform's timelines return it. */
export type TimelineEvent = z.infer<typeof timelineEventSchema>;

// A peer chooses the methods of its requests.
const MAX_METHOD_LENGTH = 32;

/** A step of a call, as webhooks and timelines name it. */
export type CallEvent = 'call_created' | `call_${CallStatus}`;

export function timelineEventOf(event: CallEvent, call: Call): TimelineEvent {
  return { timestamp: isoOf(call.tm_update), event_type: event, data: call };
}

/** Returns a capture as the platform's timelines return it; undefined when nothing was captured. */
export function analysisOf(capture: CallCapture): SipAnalysis | undefined {
  const { messages, notes } = capture.snapshot();
  if (messages.length === 0 && notes.length === 0) return undefined;
  return {
    sip_messages: messages.map(sipMessageOf),
    rtcp_stats: null,
    notes: notes.map(({ at, text }) => ({ timestamp: isoOf(timestampOf(at)), text })),
  };
}

function sipMessageOf({ at, source, destination, raw }: CapturedMessage): SipMessage {
  const [first = '', second = ''] = raw.trimStart().split(/[ \r\n]/, 2);
  return {
    timestamp: isoOf(timestampOf(at)),
    method: (/^SIP\//i.test(first) ? second : first).slice(0, MAX_METHOD_LENGTH),
    src_ip: source.address,
    src_port: source.port,
    dst_ip: destination.address,
    dst_port: destination.port,
    raw,
  };
}

/** Returns a platform timestamp as ISO 8601. */
function isoOf(timestamp: string): string {
  return `${timestamp.replace(' ', 'T')}Z`;
}
