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

/** What was measured of a call's media. A field that is absent was not measured. */
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
  /** The directions apart: our stand-in's extension, which the platform lacks. */
  rtp_packets_sent?: number;
  rtp_packets_received?: number;
  rtp_bytes_sent?: number;
  rtp_bytes_received?: number;
};

/** Something that is no failure: a substituted codec, a skipped header. Our stand-in's extension. */
export type AnalysisNote = { timestamp: string; text: string };

/** The response of `GET /timelines/calls/{id}/sip-analysis`. */
export type SipAnalysis = {
  sip_messages: readonly SipMessage[];
  rtcp_stats: RtcpStats | null;
  notes?: readonly AnalysisNote[];
};

/** The fields of a Call that tell how it went. All but the id may be absent, and a value may be unknown to us. */
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

/** The fields of a Provider that an admin reads next to its calls. `health_*` beyond these two is our own extension. */
export type Provider = {
  id: string;
  name?: string;
  hostname?: string;
  health_status?: string;
  health_checked_at?: string | null;
  metadata?: Record<string, unknown>;
};
