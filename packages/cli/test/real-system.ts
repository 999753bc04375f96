import { createPlatformClient, type PlatformClient, type ProviderInput } from '@provider-call/client';
import { type LocalSystem, startLocal } from '@provider-call/local/start';
import { parseAllowList } from '@provider-call/sip/allow-list';

export type RealSystem = {
  local: LocalSystem;
  platform: PlatformClient;
  /** What the command needs to know: nothing but the port. */
  variables: { PORT: string };
  /** Adds a provider and returns its id. */
  addProvider(input: ProviderInput): Promise<string>;
};

/** `npm start` with real SIP to the demo carrier, and without the throttling that tests would run into. */
export async function startRealSystem(): Promise<RealSystem> {
  const local = await startLocal({ throttling: false, sipAllow: parseAllowList('') });
  const platform = createPlatformClient({ baseUrl: `${local.url}/v1.0`, token: local.token });
  return {
    local,
    platform,
    variables: { PORT: String(local.port) },
    addProvider: async (input) => (await platform.createProvider(input)).id,
  };
}
