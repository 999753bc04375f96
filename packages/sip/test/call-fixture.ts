import { CallCapture, type CapturedMessage, type CaptureSnapshot } from '../src/call-capture.ts';
import type { CallEnd } from '../src/call-end.ts';
import { SYSTEM_CLOCK } from '../src/clock.ts';
import { type Address, type Anonymous, type InvitePlanInput, planInvite } from '../src/invite-plan.ts';
import type { SipTimers } from '../src/timers.ts';
import type { RtpStatistics, UserAgent } from '../src/user-agent.ts';

/** For tests that wait for no timer: nothing is sent twice, however busy the machine. */
export const CALM_TIMERS: SipTimers = { t1: 2_000, t2: 4_000, t4: 5_000, d: 5_000 };

/** For tests that wait for one: 64 * T1, and so timers B and F and the wait after CANCEL, are 320 ms. */
export const QUICK_TIMERS: SipTimers = { t1: 5, t2: 40, t4: 50, d: 320 };

type Provider = InvitePlanInput['provider'] & {
  codecs: string;
  auth_username: string;
  auth_password: string;
};

export function provider(over: Partial<Provider> = {}): Provider {
  return {
    hostname: '127.0.0.1:5060',
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: 'PCMU,PCMA',
    auth_username: '',
    auth_password: '',
    ...over,
  };
}

export function tel(target: string, target_name = ''): Address {
  return { type: 'tel', target, target_name };
}
export function sip(target: string, target_name = ''): Address {
  return { type: 'sip', target, target_name };
}

export type DialInput = {
  provider: Partial<Provider>;
  source?: Address | null;
  destination?: Address;
  anonymous?: Anonymous;
  dialTimeoutMs?: number;
  maxDurationMs?: number;
  onRinging?(): void;
};

export type RunningCall = {
  hangup(): void;
  /** `ringing`, `answered`, `ended`, in the order in which they came. */
  events: string[];
  snapshot(): CaptureSnapshot;
  statistics(): RtpStatistics | undefined;
  answered: Promise<void>;
  ringing: Promise<void>;
  ended: Promise<CallEnd>;
};

/** Plans and places a call, and keeps everything that the user agent reports. */
export function dial(userAgent: UserAgent, input: DialInput): RunningCall {
  const events: string[] = [];
  const answered = Promise.withResolvers<void>();
  const ringing = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<CallEnd>();
  const capture = new CallCapture(SYSTEM_CLOCK);
  const { auth_password, auth_username, codecs, ...carrier } = provider(input.provider);
  const plan = planInvite({
    provider: carrier,
    source: input.source === undefined ? tel('+14155551234') : input.source,
    destination: input.destination ?? tel('+821012345678'),
    anonymous: input.anonymous ?? '',
  });
  const call = userAgent.invite(
    {
      ...plan,
      codecs,
      credentials: auth_username === '' ? undefined : { username: auth_username, password: auth_password },
      dialTimeoutMs: input.dialTimeoutMs ?? 10_000,
      maxDurationMs: input.maxDurationMs ?? 10_000,
      capture,
    },
    {
      ringing() {
        events.push('ringing');
        ringing.resolve();
        input.onRinging?.();
      },
      answered() {
        events.push('answered');
        answered.resolve();
      },
      ended(end) {
        events.push('ended');
        ended.resolve(end);
      },
    },
  );
  return {
    hangup: () => call.hangup(),
    events,
    snapshot: () => capture.snapshot(),
    statistics: () => call.statistics(),
    answered: answered.promise,
    ringing: ringing.promise,
    ended: ended.promise,
  };
}

/**
 * The capture as `sent INVITE`, `received 200 INVITE`, `note …` and, for what never reached the wire, `local 503 INVITE`;
 * for comparing what went over the wire.
 */
export function wire({ messages, notes }: CaptureSnapshot): string[] {
  const local = messages[0]?.source;
  return [
    ...messages.map((message) => ({ at: message.at, line: lineOf(message, local?.port) })),
    ...notes.map(({ at, text }) => ({ at, line: `note ${text}` })),
  ]
    .toSorted((a, b) => a.at - b.at)
    .map(({ line }) => line);
}

function lineOf({ destination, raw, source }: CapturedMessage, localPort: number | undefined): string {
  const response = /^SIP\/2\.0 (\d{3})[\s\S]*?^CSeq: \d+ (\S+)/im.exec(raw);
  const what = response === null ? raw.split(' ', 1)[0] : `${response[1]} ${response[2]}`;
  if (source.address === destination.address && source.port === destination.port) return `local ${what}`;
  return `${source.port === localPort ? 'sent' : 'received'} ${what}`;
}
