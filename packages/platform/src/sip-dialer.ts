import type { AllowList } from '../../sip/src/allow-list.ts';
import { CallTrace } from '../../sip/src/call-trace.ts';
import type { Clock } from '../../sip/src/clock.ts';
import { systemClock } from '../../sip/src/clock.ts';
import type { Credentials } from '../../sip/src/digest.ts';
import { CallRefused, planInvite } from '../../sip/src/invite-plan.ts';
import type { Resolver } from '../../sip/src/resolve-host.ts';
import { SipSyntaxError } from '../../sip/src/scanner.ts';
import type { SipTimers } from '../../sip/src/timers.ts';
import { parseHostPort } from '../../sip/src/uri.ts';
import { UserAgent } from '../../sip/src/user-agent.ts';
import type { Dialer } from './dialer.ts';
import type { Provider } from './records/provider.ts';

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
