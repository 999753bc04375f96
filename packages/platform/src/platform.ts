import { randomUUID } from 'node:crypto';
import type { Clock } from '@provider-call/sip/clock';
import type { CallLine } from './call-line.ts';
import { type CallRecords, createCallRecords } from './call-records.ts';
import { type Calls, createCalls } from './calls.ts';
import { type Customers, createCustomers } from './customers.ts';
import { createDialroutes } from './dialroutes.ts';
import type { DocumentStore } from './document-store.ts';
import { createFlows } from './flows.ts';
import { createProviders, type Providers } from './providers.ts';
import { createRouter, type Router } from './router.ts';
import type { Seed } from './seed.ts';

type PlatformOptions = {
  store: DocumentStore;
  clock: Clock;
  seed: Seed;
  /** How calls come to life, given what they need to be written down. */
  lineOf(parts: { records: CallRecords; customers: Customers }): CallLine;
  onError(error: unknown, requestId?: string): void;
};

/** The managers of the platform, put together, and the router in front of them. */
export type Platform = {
  router: Router;
  providers: Providers;
  calls: Calls;
  line: CallLine;
  /** Writes the seed where it is missing or has changed. */
  plant(): Promise<void>;
};

export function createPlatform({ store, clock, seed, lineOf, onError }: PlatformOptions): Platform {
  const providers = createProviders({ store, clock });
  const flows = createFlows({ store, clock });
  const customers = createCustomers({ store, clock });
  const dialroutes = createDialroutes({ store, providers });
  const records = createCallRecords(store);
  const line = lineOf({ records, customers });
  const calls = createCalls({ clock, records, customers, flows, dialroutes, line });
  return {
    router: createRouter({ providers, flows, calls, newRequestId: randomUUID, onError }),
    providers,
    calls,
    line,
    plant: async () => {
      await Promise.all([
        ...seed.providers.map(providers.seed),
        ...seed.flows.map(flows.seed),
        ...seed.customers.map(customers.seed),
        ...seed.dialroutes.map(dialroutes.seed),
      ]);
    },
  };
}
