import { isObject } from './errors.ts';

/** Day, time, decimal places, and the hours and minutes of the offset. */
const WITH_OFFSET = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?([+-]\d{2}):?(\d{2})$/;

/** Who calls or is called. `type` is tel, sip, agent, extension or a type that this package does not know. */
export type PlatformAddress = { type: string; target: string; target_name: string };

/** A SIP provider. Fields that the platform omits are empty or null; `tm_delete` is null unless it is deleted. */
export type Provider = {
  id: string;
  type: string;
  /** Host or IP address, with a port unless it is 5060. */
  hostname: string;
  tech_prefix: string;
  tech_postfix: string;
  tech_headers: Record<string, string>;
  /** In order of preference, such as `PCMU,PCMA`. */
  codecs: string;
  /** Only our stand-in sends it. */
  auth_username?: string;
  name: string;
  detail: string;
  metadata: Record<string, unknown>;
  /** unknown, healthy or unhealthy. */
  health_status: string;
  health_checked_at: string | null;
  /** What the last check found. Only our stand-in sends it; otherwise empty. */
  health_detail: string;
  tm_create: string | null;
  tm_update: string | null;
  tm_delete: string | null;
};

/** The fields with which a provider is created; the platform fills in the rest. */
export type ProviderInput = {
  hostname: string;
  type?: 'sip';
  tech_prefix?: string;
  tech_postfix?: string;
  tech_headers?: Record<string, string>;
  codecs?: string;
  auth_username?: string;
  /** Stored, never returned. */
  auth_password?: string;
  name?: string;
  detail?: string;
  metadata?: Record<string, unknown>;
};

export type Flow = {
  id: string;
  name: string;
  detail: string;
  actions: Record<string, unknown>[];
  tm_create: string | null;
  tm_update: string | null;
  tm_delete: string | null;
};

/** A call. Fields that the platform omits are empty or null. */
export type Call = {
  id: string;
  customer_id: string;
  flow_id: string;
  groupcall_id: string;
  source: PlatformAddress | null;
  destination: PlatformAddress | null;
  /** dialing, ringing, progressing, terminating, canceling or hangup. */
  status: string;
  direction: string;
  metadata: Record<string, unknown>;
  /** remote, local or empty. */
  hangup_by: string;
  /** normal, failed, busy, cancel, timeout, no_answer, dialout or empty. */
  hangup_reason: string;
  dialroute_id: string;
  /** In the order in which they are tried. */
  dialroutes: { id: string; provider_id: string; priority: number; target: string }[];
  tm_ringing: string | null;
  tm_progressing: string | null;
  tm_hangup: string | null;
  tm_create: string | null;
  tm_update: string | null;
  tm_delete: string | null;
};

/** One destination that rings several addresses. */
export type Groupcall = {
  id: string;
  status: string;
  answer_call_id: string;
  /** A call may be listed before it exists. */
  call_ids: string[];
  /** One for each address that rings several itself, such as an agent's extension. */
  groupcall_ids: string[];
  tm_create: string | null;
  tm_update: string | null;
  tm_delete: string | null;
};

/** A SIP message as it crossed the platform's edge. */
export type SipMessage = {
  /** ISO 8601 with microseconds. */
  timestamp: string;
  /** The method of a request; the status code of a response as text. */
  method: string;
  src_ip: string;
  src_port: number;
  dst_ip: string;
  dst_port: number;
  /** The whole message. */
  raw: string;
};

/** Media counters; values that were not measured are absent. */
export type RtcpStats = Partial<
  Record<
    | 'mos'
    | 'jitter'
    | 'packet_loss_pct'
    | 'rtt'
    | 'rtp_bytes'
    | 'rtp_packets'
    | 'rtp_errors'
    | 'rtcp_bytes'
    | 'rtcp_packets'
    | 'rtcp_errors'
    // Separate counters for each direction, which only our stand-in sends.
    | 'rtp_packets_sent'
    | 'rtp_packets_received'
    | 'rtp_bytes_sent'
    | 'rtp_bytes_received',
    number
  >
>;

/** The SIP messages and media counters of a call. */
export type SipAnalysis = {
  sip_messages: SipMessage[];
  rtcp_stats: RtcpStats | null;
  /** Noteworthy events that are not failures. Only our stand-in sends them. */
  notes: { timestamp: string; text: string }[];
};

export type TimelineEvent = { timestamp: string; event_type: string; data: Record<string, unknown> };

/** Reads one resource, or returns undefined for JSON that is not such a resource. */
export type Reader<Resource> = (value: unknown) => Resource | undefined;

/** Reads a provider, or returns undefined for other JSON. */
export function readProvider(value: unknown): Provider | undefined {
  return hasId(value)
    ? {
        id: value.id,
        type: textOf(value['type']) || 'sip',
        hostname: textOf(value['hostname']),
        tech_prefix: textOf(value['tech_prefix']),
        tech_postfix: textOf(value['tech_postfix']),
        tech_headers: Object.fromEntries(
          Object.entries(objectOf(value['tech_headers'])).map(([name, header]) => [
            name,
            scalarTextOf(header),
          ]),
        ),
        codecs: textOf(value['codecs']),
        ...(typeof value['auth_username'] === 'string' && { auth_username: value['auth_username'] }),
        name: textOf(value['name']),
        detail: textOf(value['detail']),
        metadata: objectOf(value['metadata']),
        health_status: textOf(value['health_status']) || 'unknown',
        health_checked_at: timestampOf(value['health_checked_at']),
        health_detail: textOf(value['health_detail']),
        ...lifetimeOf(value),
      }
    : undefined;
}

/** Reads a flow, or returns undefined for other JSON. */
export function readFlow(value: unknown): Flow | undefined {
  return hasId(value)
    ? {
        id: value.id,
        name: textOf(value['name']),
        detail: textOf(value['detail']),
        actions: listOf(value['actions']).filter(isObject),
        ...lifetimeOf(value),
      }
    : undefined;
}

/** Reads a call, or returns undefined for other JSON. */
export function readCall(value: unknown): Call | undefined {
  return hasId(value)
    ? {
        id: value.id,
        customer_id: textOf(value['customer_id']),
        flow_id: textOf(value['flow_id']),
        groupcall_id: textOf(value['groupcall_id']),
        source: addressOf(value['source']),
        destination: addressOf(value['destination']),
        status: textOf(value['status']),
        direction: textOf(value['direction']),
        metadata: objectOf(value['metadata']),
        hangup_by: textOf(value['hangup_by']),
        hangup_reason: textOf(value['hangup_reason']),
        dialroute_id: textOf(value['dialroute_id']),
        dialroutes: listOf(value['dialroutes'])
          .filter(isObject)
          .map((route) => ({
            id: textOf(route['id']),
            provider_id: textOf(route['provider_id']),
            priority: numberOf(route['priority']),
            target: textOf(route['target']),
          })),
        tm_ringing: timestampOf(value['tm_ringing']),
        tm_progressing: timestampOf(value['tm_progressing']),
        tm_hangup: timestampOf(value['tm_hangup']),
        ...lifetimeOf(value),
      }
    : undefined;
}

/** Reads a groupcall, or returns undefined for other JSON. */
export function readGroupcall(value: unknown): Groupcall | undefined {
  return hasId(value)
    ? {
        id: value.id,
        status: textOf(value['status']),
        answer_call_id: textOf(value['answer_call_id']),
        call_ids: textsOf(value['call_ids']),
        groupcall_ids: textsOf(value['groupcall_ids']),
        ...lifetimeOf(value),
      }
    : undefined;
}

/** Reads a call's SIP messages and media counters, or returns undefined for other JSON. */
export function readSipAnalysis(value: unknown): SipAnalysis | undefined {
  return isObject(value)
    ? {
        sip_messages: listOf(value['sip_messages']).filter(isObject).map(sipMessageOf),
        rtcp_stats: isObject(value['rtcp_stats'])
          ? Object.fromEntries(
              Object.entries(value['rtcp_stats']).filter(([, count]) => typeof count === 'number'),
            )
          : null,
        notes: listOf(value['notes'])
          .filter(isObject)
          .map((note) => ({ timestamp: textOf(note['timestamp']), text: textOf(note['text']) })),
      }
    : undefined;
}

/** Reads a call's event, or returns undefined for other JSON. */
export function readTimelineEvent(value: unknown): TimelineEvent | undefined {
  return isObject(value)
    ? {
        timestamp: textOf(value['timestamp']),
        event_type: textOf(value['event_type']),
        data: objectOf(value['data']),
      }
    : undefined;
}

function sipMessageOf(value: Record<string, unknown>): SipMessage {
  return {
    timestamp: textOf(value['timestamp']),
    method: scalarTextOf(value['method']),
    src_ip: textOf(value['src_ip']),
    src_port: numberOf(value['src_port']),
    dst_ip: textOf(value['dst_ip']),
    dst_port: numberOf(value['dst_port']),
    raw: textOf(value['raw']),
  };
}

function hasId(value: unknown): value is Record<string, unknown> & { id: string } {
  return isObject(value) && typeof value['id'] === 'string';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns the text of a string, number or boolean. String() throws for an object whose `toString` is not a function. */
function scalarTextOf(value: unknown): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}

/** Returns a number that may be written as a string, or 0. */
function numberOf(value: unknown): number {
  const number = Number(scalarTextOf(value));
  return Number.isNaN(number) ? 0 : number;
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((text) => typeof text === 'string');
}

function addressOf(value: unknown): PlatformAddress | null {
  return isObject(value) && textOf(value['target']) !== ''
    ? {
        type: textOf(value['type']),
        target: textOf(value['target']),
        target_name: textOf(value['target_name']),
      }
    : null;
}

function lifetimeOf(value: Record<string, unknown>) {
  return {
    tm_create: timestampOf(value['tm_create']),
    tm_update: timestampOf(value['tm_update']),
    tm_delete: timestampOf(value['tm_delete']),
  };
}

/**
 * Returns a timestamp in the platform's form, `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, which the platform also writes with T
 * and Z or an offset. An absent or empty timestamp, the sentinel in the year 9999 and Go's zero time in the year 1 all
 * mean that the event has not happened.
 */
function timestampOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  const timestamp = inUtc(value);
  return [value, timestamp].some((text) => /^(0001|9999)-/.test(text)) ? null : timestamp;
}

/** Keeps the decimal places as they are. */
function inUtc(timestamp: string): string {
  const [, day, time, decimals = '', hours, minutes] = WITH_OFFSET.exec(timestamp) ?? [];
  const instant = new Date(`${day}T${time}${hours}:${minutes}`);
  if (Number.isNaN(instant.getTime())) return timestamp.replace('T', ' ').replace(/Z$/, '');
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')}${decimals}`;
}
