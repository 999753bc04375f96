import { type InvitePlan, InvitePlanError, providerHostOf } from '@provider-call/sip/invite-plan';
import { type Credentials, UserAgent, type UserAgentOptions } from '@provider-call/sip/user-agent';
import type { Dialer } from './dialer.ts';
import { captureUnplannable, planAttempt } from './plan-attempt.ts';
import type { Provider } from './records/provider.ts';

const PROBE_MS = 5_000;
const DEFAULT_SIP_PORT = 5060;

/** Returns a dialer that places real SIP calls. */
export function createSipDialer(options: UserAgentOptions): Dialer {
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
      return { hangup: () => call.hangup(), statistics: () => call.statistics() };
    },

    async probe(provider) {
      try {
        return await userAgent.ping(providerHostOf(provider.hostname), PROBE_MS);
      } catch (error) {
        if (!(error instanceof InvitePlanError)) throw error;
        return { by: 'local', status: 478, reasonPhrase: error.message };
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
