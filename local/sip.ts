import type { Dialer } from '../sandbox/dialer.ts';
import { defaultSeed, type Seed } from '../sandbox/seed.ts';
import type { AllowList } from '../sandbox/sip/allow-list.ts';
import { startDemoCarrier } from '../sandbox/sip/demo-carrier.ts';
import { createSipDialer } from '../sandbox/sip-dialer.ts';

export type LocalSip = {
  /** Host and port of the demo carrier, which the seeded providers name. */
  carrier: string;
  /** Options of the stand-in; who starts it with them closes the dialer with it. */
  sandbox: { dialer: Dialer; seed: Seed };
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
    sandbox: { dialer: createSipDialer({ allow }), seed: defaultSeed({ carrier: carrier.host }) },
    close: carrier.close,
  };
}
