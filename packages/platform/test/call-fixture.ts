import type { SipTimers } from '../../sip/src/timers.ts';
import type { DialAttempt, DialEnd, Dialer } from '../src/dialer.ts';
import type { Address, Anonymous } from '../src/records/address.ts';
import type { Provider } from '../src/records/provider.ts';
import type { TraceEntry } from '../src/records/trace-entry.ts';

/** For what is not about waiting: nothing is sent twice, however busy the machine. */
export const calmTimers: SipTimers = { t1: 2_000, t2: 4_000, t4: 5_000, d: 5_000 };

/** For what is: 64 * T1, so timers B and F and the wait after CANCEL, are 320 ms. */
export const quickTimers: SipTimers = { t1: 5, t2: 40, t4: 50, d: 320 };

export function provider(over: Partial<Provider> = {}): Provider {
  return {
    id: 'a0000000-0000-4000-8000-000000000001',
    type: 'sip',
    hostname: '127.0.0.1:5060',
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: 'PCMU,PCMA',
    auth_username: '',
    auth_password: '',
    name: 'peer',
    detail: '',
    metadata: {},
    health_status: 'unknown',
    health_checked_at: null,
    tm_create: '2026-01-01 00:00:00.000000',
    tm_update: '2026-01-01 00:00:00.000000',
    tm_delete: null,
    ...over,
  };
}

export const tel = (target: string, target_name = ''): Address => ({ type: 'tel', target, target_name });
export const sip = (target: string, target_name = ''): Address => ({ type: 'sip', target, target_name });

type DialOrder = {
  provider: Partial<Provider>;
  source?: Address | null;
  destination?: Address;
  anonymous?: Anonymous;
  dialTimeoutMs?: number;
  maxDurationMs?: number;
};

export type RunningCall = {
  hangup(): void;
  /** `ringing`, `answered`, `ended`, in the order in which they came. */
  events: string[];
  trace: TraceEntry[];
  answered: Promise<void>;
  ringing: Promise<void>;
  ended: Promise<DialEnd>;
};

/** Dials and keeps all that the dialer tells of it. */
export function dial(dialer: Dialer, order: DialOrder): RunningCall {
  const events: string[] = [];
  const trace: TraceEntry[] = [];
  const answered = Promise.withResolvers<void>();
  const ringing = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<DialEnd>();
  const attempt: DialAttempt = {
    callId: 'c0000000-0000-4000-8000-000000000001',
    provider: provider(order.provider),
    source: order.source === undefined ? tel('+14155551234') : order.source,
    destination: order.destination ?? tel('+821012345678'),
    anonymous: order.anonymous ?? '',
    dialTimeoutMs: order.dialTimeoutMs ?? 10_000,
    maxDurationMs: order.maxDurationMs ?? 10_000,
  };
  const { hangup } = dialer.dial(attempt, {
    ringing() {
      events.push('ringing');
      ringing.resolve();
    },
    answered() {
      events.push('answered');
      answered.resolve();
    },
    ended(end) {
      events.push('ended');
      ended.resolve(end);
    },
    trace(entry) {
      if (events.includes('ended')) events.push('trace after the end');
      trace.push(entry);
    },
  });
  return {
    hangup,
    events,
    trace,
    answered: answered.promise,
    ringing: ringing.promise,
    ended: ended.promise,
  };
}

/** The trace as `sent INVITE`, `received 200`, for comparing what went over the wire. */
export function wire(trace: TraceEntry[]): string[] {
  return trace.map(({ direction, text }) => {
    if (direction === 'note') return `note ${text}`;
    const response = /^SIP\/2\.0 (\d{3})[\s\S]*?^CSeq: \d+ (\S+)/m.exec(text);
    return `${direction} ${response === null ? text.split(' ', 1)[0] : `${response[1]} ${response[2]}`}`;
  });
}
