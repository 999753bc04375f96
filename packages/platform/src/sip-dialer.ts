import type { AllowList } from '@provider-call/sip/allow-list';
import { CallCapture, type CaptureSnapshot, type Endpoint } from '@provider-call/sip/call-capture';
import { type Clock, systemClock, timestampOf } from '@provider-call/sip/clock';
import { InvitePlanError, planInvite } from '@provider-call/sip/invite-plan';
import { SipSyntaxError } from '@provider-call/sip/scanner';
import type { SipTimers } from '@provider-call/sip/timers';
import { formatHostPort, parseHostPort } from '@provider-call/sip/uri';
import { type Credentials, type Resolver, UserAgent } from '@provider-call/sip/user-agent';
import type { Dialer } from './dialer.ts';
import type { Provider } from './records/provider.ts';
import type { TraceEntry } from './records/trace-entry.ts';

export type SipDialerOptions = {
  /** Where SIP and RTP may go; `parseAllowList(SIP_ALLOW)`. */
  allow: AllowList;
  /** Our UDP port; 0, the default, takes any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  resolver?: Resolver;
};

const PROBE_MS = 5_000;

/** Dials providers by SIP. */
export function createSipDialer(options: SipDialerOptions): Dialer {
  const clock = options.clock ?? systemClock;
  const userAgent = new UserAgent(options);
  return {
    dial(attempt, events) {
      const { anonymous, destination, dialTimeoutMs, maxDurationMs, provider, source } = attempt;
      let reported = 0;
      const capture: CallCapture = new CallCapture(clock, () => {
        const entries = traceEntriesOf(capture.snapshot());
        for (const entry of entries.slice(reported)) events.trace(entry);
        reported = entries.length;
      });
      try {
        const { skipped, ...plan } = planInvite({ provider, source, destination, anonymous });
        const credentials = credentialsOf(provider);
        const { codecs } = provider;
        const order = { ...plan, codecs, credentials, dialTimeoutMs, maxDurationMs, capture };
        const call = userAgent.invite(order, events);
        if (skipped.length > 0) {
          const names = skipped.map((name) => JSON.stringify(name)).join(', ');
          queueMicrotask(() => capture.note(`Left out of the INVITE: ${names}`));
        }
        return { hangup: () => call.hangup() };
      } catch (error) {
        if (!(error instanceof InvitePlanError)) throw error;
        queueMicrotask(() => {
          capture.note(`Not dialled: ${error.message}.`);
          events.ended({ by: 'local', reason: 'failed' });
        });
        return { hangup() {} };
      }
    },
    async probe(provider) {
      try {
        const { by } = await userAgent.ping(parseHostPort(provider.hostname), PROBE_MS);
        return by === 'remote';
      } catch (error) {
        if (error instanceof SipSyntaxError) return false;
        throw error;
      }
    },
    close: () => userAgent.close(),
  };
}

/** The capture as entries of the sip-trace endpoint. */
function traceEntriesOf({ messages, notes }: CaptureSnapshot): TraceEntry[] {
  const local = messages[0]?.source;
  const entries = [
    ...messages.map(({ at, destination, raw, source }) => {
      const isReceived = local !== undefined && sameEndpoint(destination, local);
      const { address, port } = isReceived ? source : destination;
      const direction = isReceived ? ('received' as const) : ('sent' as const);
      return { time: at, direction, peer: formatHostPort({ host: address, port }), text: raw };
    }),
    ...notes.map(({ at, text }) => ({ time: at, direction: 'note' as const, peer: '', text })),
  ];
  return entries
    .toSorted((a, b) => a.time - b.time)
    .map(({ time, ...entry }) => ({ at: timestampOf(time), ...entry }));
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

function credentialsOf({
  auth_password: password,
  auth_username: username,
}: Provider): Credentials | undefined {
  return username === '' ? undefined : { username, password };
}
