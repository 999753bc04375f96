import type { Dialer } from '@provider-call/platform/dialer';
import { defaultSeed, type Seed } from '@provider-call/platform/seed';
import { createSipDialer } from '@provider-call/platform/sip-dialer';
import type { AllowList } from '@provider-call/sip/allow-list';
import { startDemoCarrier } from '@provider-call/sip/demo-carrier';

export type LocalSip = {
  /** Host and port of the demo carrier, which the seeded providers name. */
  carrier: string;
  /** Options of the stand-in; who starts it with them closes the dialer with it. */
  platform: { dialer: Dialer; seed: Seed };
  close(): Promise<void>;
};

/**
 * Makes the stand-in's calls real: a SIP user agent that dials where it is allowed to, and a carrier on this machine
 * for the seeded providers, so that there is somebody to call.
 */
export async function startSip(allow: AllowList): Promise<LocalSip> {
  const carrier = await startDemoCarrier();
  return {
    carrier: carrier.host,
    platform: { dialer: createSipDialer({ allow }), seed: defaultSeed({ carrier: carrier.host }) },
    close: carrier.close,
  };
}
