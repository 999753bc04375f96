import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Dialer } from './dialer.ts';
import type { Provider } from './records/provider.ts';
import type { AllowList } from './sip/allow-list.ts';
import { CallTrace } from './sip/call-trace.ts';
import type { Credentials } from './sip/digest.ts';
import { CallRefused, planInvite } from './sip/invite-plan.ts';
import type { Resolver } from './sip/resolve-host.ts';
import { SipSyntaxError } from './sip/scanner.ts';
import type { SipTimers } from './sip/timers.ts';
import { parseHostPort } from './sip/uri.ts';
import { UserAgent } from './sip/user-agent.ts';

export type SipDialerOptions = {
  /** Where SIP and RTP may go; `parseAllowList(SIP_ALLOW)`. */
  allow: AllowList;
  /** Our UDP port; 0, the default, takes any free one. */
  port?: number;
  clock?: Clock;
  timers?: SipTimers;
  resolver?: Resolver;
};

const probeMs = 5_000;

/** Dials providers by SIP over UDP. */
export function createSipDialer(options: SipDialerOptions): Dialer {
  const clock = options.clock ?? systemClock;
  const userAgent = new UserAgent(options);
  return {
    dial(attempt, events) {
      const { anonymous, destination, dialTimeoutMs, maxDurationMs, provider, source } = attempt;
      try {
        const { skipped, ...plan } = planInvite({ provider, source, destination, anonymous });
        const credentials = credentialsOf(provider);
        const order = { ...plan, codecs: provider.codecs, credentials, dialTimeoutMs, maxDurationMs };
        const call = userAgent.invite(order, events);
        if (skipped.length > 0) {
          queueMicrotask(() =>
            call.trace.note(
              `Left out of the INVITE: ${skipped.map((name) => JSON.stringify(name)).join(', ')}`,
            ),
          );
        }
        return { hangup: () => call.hangup() };
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error;
        queueMicrotask(() => {
          new CallTrace(clock, (entry) => events.trace(entry)).note(`Not dialled: ${error.message}.`);
          events.ended({ by: 'local', reason: 'failed' });
        });
        return { hangup() {} };
      }
    },
    async probe(provider) {
      try {
        return await userAgent.ping(parseHostPort(provider.hostname), probeMs);
      } catch (error) {
        if (error instanceof SipSyntaxError) return false;
        throw error;
      }
    },
    close: () => userAgent.close(),
  };
}

function credentialsOf({
  auth_password: password,
  auth_username: username,
}: Provider): Credentials | undefined {
  return username === '' ? undefined : { username, password };
}
