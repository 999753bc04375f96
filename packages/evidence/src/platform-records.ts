/** A SIP message as the platform's timelines return it. */
export type SipMessage = {
  /** ISO 8601 with microseconds, UTC. */
  timestamp: string;
  /** A request's method, or a response's status code as text: "INVITE", "180". */
  method: string;
  src_ip: string;
  src_port: number;
  dst_ip: string;
  dst_port: number;
  /** The whole message. */
  raw: string;
};

/** The measurements of a call's media. A field that is absent was not measured. */
export type RtcpStats = {
  /** Mean opinion score, 1 to 4.5. */
  mos?: number;
  /** Milliseconds. */
  jitter?: number;
  packet_loss_pct?: number;
  /** Round-trip time in microseconds. */
  rtt?: number;
  /** Both directions together. */
  rtp_bytes?: number;
  /** Both directions together. */
  rtp_packets?: number;
  rtp_errors?: number;
  rtcp_bytes?: number;
  rtcp_packets?: number;
  rtcp_errors?: number;
  /** Separate counters for each direction: an extension of our stand-in, which the platform does not have. */
  rtp_packets_sent?: number;
  rtp_packets_received?: number;
  rtp_bytes_sent?: number;
  rtp_bytes_received?: number;
};

/** Something that is not a failure: a substituted codec, a skipped header. An extension of our stand-in. */
export type AnalysisNote = { timestamp: string; text: string };

/** The response of `GET /timelines/calls/{id}/sip-analysis`. */
export type SipAnalysis = {
  sip_messages: readonly SipMessage[];
  rtcp_stats: RtcpStats | null;
  notes?: readonly AnalysisNote[];
};

/**
 * The fields of a Call that show how it went. All except the id may be absent, and values may be ones that we do not
 * know.
 */
export type Call = {
  id: string;
  status?: string;
  hangup_by?: string;
  hangup_reason?: string;
  tm_create?: string | null;
  tm_ringing?: string | null;
  tm_progressing?: string | null;
  tm_hangup?: string | null;
};
