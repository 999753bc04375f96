import type { CallCapture, CapturedMessage, CaptureNote } from '@provider-call/sip/call-capture';
import { timestampOf } from '@provider-call/sip/clock';
import type { RtpStatistics } from '@provider-call/sip/user-agent';
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
    /** Round-trip time, microseconds; requires an RTCP report from the far end. */
    rtt: z.number(),
    /** Both directions together. */
    rtp_packets: z.number(),
    rtp_bytes: z.number(),
    rtp_errors: z.number(),
    rtcp_packets: z.number(),
    rtcp_bytes: z.number(),
    rtcp_errors: z.number(),
    /**
     * Separate counters for each direction, so that one-way audio is visible. The platform does not have these fields.
     */
    rtp_packets_sent: z.number(),
    rtp_packets_received: z.number(),
    rtp_bytes_sent: z.number(),
    rtp_bytes_received: z.number(),
  }),
);

type RtcpStats = z.infer<typeof rtcpStatsSchema>;

/**
 * A remark about something that is not a failure: a substituted codec, a skipped header. The platform does not have
 * these.
 */
const analysisNoteSchema = z.object({ timestamp: z.string(), text: z.string() });
type AnalysisNote = z.infer<typeof analysisNoteSchema>;

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

// Together with the limits on messages, this keeps an analysis below the 400 KB of a DynamoDB item: peers choose many
// of the texts.
const MAX_NOTE_BYTES = 90_000;
const NOTE_OVERHEAD_BYTES = 50;
// A peer chooses the methods of its requests.
const MAX_METHOD_LENGTH = 32;

/** A step of a call, as webhooks and timelines name it. */
export type CallEvent = 'call_created' | `call_${CallStatus}`;

/** Returns a step of a call in the form of the timelines, at the time of its last update. */
export function timelineEventOf(event: CallEvent, call: Call): TimelineEvent {
  return { timestamp: isoOf(call.tm_update), event_type: event, data: call };
}

/** Returns a capture in the form of the platform's timelines, or undefined if nothing was captured. */
export function analysisOf(
  capture: CallCapture,
  statistics: RtpStatistics | undefined,
): SipAnalysis | undefined {
  const { messages, notes } = capture.snapshot();
  if (messages.length === 0 && notes.length === 0) return undefined;
  return {
    sip_messages: messages.map(sipMessageOf),
    rtcp_stats: rtcpStatsOf(statistics),
    notes: notesOf(messages, notes),
  };
}

/**
 * Returns the capture's notes, and the reasons why messages were not understood, oldest first, up to MAX_NOTE_BYTES.
 */
function notesOf(messages: CapturedMessage[], notes: CaptureNote[]): AnalysisNote[] {
  const unreadable = messages.flatMap(({ at, why }) => (why === undefined ? [] : [{ at, text: why }]));
  const all = [...notes, ...unreadable].toSorted((a, b) => a.at - b.at);
  let bytes = 0;
  const kept = all.filter(({ text }) => {
    bytes += Buffer.byteLength(text) + NOTE_OVERHEAD_BYTES;
    return bytes <= MAX_NOTE_BYTES;
  });
  return kept.map(({ at, text }) => ({ timestamp: isoOf(timestampOf(at)), text }));
}

/** Returns the counters of a call's media, or null if nothing was sent or received. */
function rtcpStatsOf(statistics: RtpStatistics | undefined): RtcpStats | null {
  if (statistics === undefined) return null;
  const { sent, received, rtcp } = statistics;
  const packets = sent.packets + received.packets + rtcp.sent.packets + rtcp.received.packets;
  if (packets + received.errors + rtcp.received.errors === 0) return null;
  return {
    jitter: received.jitterMs,
    packet_loss_pct: received.lostPercent,
    rtt: rtcp.roundTripMs === undefined ? undefined : Math.round(rtcp.roundTripMs * 1000),
    rtp_packets: sent.packets + received.packets,
    rtp_bytes: sent.bytes + received.bytes,
    rtp_errors: received.errors,
    rtcp_packets: rtcp.sent.packets + rtcp.received.packets,
    rtcp_bytes: rtcp.sent.bytes + rtcp.received.bytes,
    rtcp_errors: rtcp.received.errors,
    rtp_packets_sent: sent.packets,
    rtp_packets_received: received.packets,
    rtp_bytes_sent: sent.bytes,
    rtp_bytes_received: received.bytes,
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
