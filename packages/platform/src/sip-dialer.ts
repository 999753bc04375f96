import type { AllowList } from '@provider-call/sip/allow-list';
import type { Clock } from '@provider-call/sip/clock';
import { type InvitePlan, InvitePlanError } from '@provider-call/sip/invite-plan';
import { SipSyntaxError } from '@provider-call/sip/scanner';
import type { SipTimers } from '@provider-call/sip/timers';
import { parseHostPort } from '@provider-call/sip/uri';
import { type Credentials, type Resolver, UserAgent } from '@provider-call/sip/user-agent';
import type { Dialer } from './dialer.ts';
import { captureUnplannable, planAttempt } from './plan-attempt.ts';
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

const PROBE_MS = 5_000;
const DEFAULT_SIP_PORT = 5060;

/** Returns a dialer that places calls by SIP. */
export function createSipDialer(options: SipDialerOptions): Dialer {
  const userAgent = new UserAgent(options);
  return {
    dial(attempt, events) {
      const { callId, capture, dialTimeoutMs, maxDurationMs, provider } = attempt;
      let plan: InvitePlan;
      try {
        plan = planAttempt(attempt);
      } catch (error) {
        if (!(error instanceof InvitePlanError)) throw error;
        const local = { address: '127.0.0.1', port: options.port || DEFAULT_SIP_PORT };
        captureUnplannable(capture, local, { callId, error });
        queueMicrotask(() => events.ended({ by: 'local', reason: 'failed' }));
        return { hangup() {} };
      }
      const credentials = credentialsOf(provider);
      const { codecs } = provider;
      const call = userAgent.invite(
        { ...plan, codecs, credentials, dialTimeoutMs, maxDurationMs, capture },
        events,
      );
      return { hangup: () => call.hangup() };
    },

    async probe(provider) {
      try {
        return await userAgent.ping(parseHostPort(provider.hostname), PROBE_MS);
      } catch (error) {
        if (!(error instanceof SipSyntaxError)) throw error;
        return { by: 'local', status: 478, reasonPhrase: `${provider.hostname} is no host` };
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
