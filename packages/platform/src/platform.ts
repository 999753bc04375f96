import { randomUUID } from 'node:crypto';
import type { Clock } from '@provider-call/sip/clock';
import { type App, createApp } from './app.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import { type Calls, createCalls } from './calls.ts';
import type { Customers } from './customers.ts';
import { createDialroutes } from './dialroutes.ts';
import type { DocumentStore } from './document-store.ts';
import { createFlows } from './flows.ts';
import type { Providers } from './providers.ts';
import type { Seed } from './seed.ts';
import { createTimelines } from './timelines.ts';

export type PlatformParts = {
  store: DocumentStore;
  clock: Clock;
  seed: Seed;
  records: CallRecords;
  customers: Customers;
  providers: Providers;
  /** Checks, in the background, a provider that was created or changed. If absent, nothing is checked. */
  checkHealth?(providerId: string): void;
  /** Runs the calls, writing to the same records. */
  runner: CallRunner;
  onError(error: unknown, requestId?: string): void;
};

/** The platform's managers, and the HTTP interface in front of them. */
export type Platform = {
  app: App;
  calls: Calls;
  /** Writes the parts of the seed that are missing or have changed. */
  seed(): Promise<void>;
};

/** Creates the managers on top of one store. */
export function createPlatform(parts: PlatformParts): Platform {
  const {
    store,
    clock,
    seed,
    records,
    customers,
    providers,
    runner,
    checkHealth = () => {},
    onError,
  } = parts;
  const flows = createFlows({ store, clock });
  const dialroutes = createDialroutes({ store, providers });
  const calls = createCalls({ clock, records, customers, flows, dialroutes, runner });
  const timelines = createTimelines({ records, runner });
  return {
    app: createApp({
      providers,
      flows,
      calls,
      timelines,
      checkHealth,
      newRequestId: randomUUID,
      onError,
    }),
    calls,
    seed: async () => {
      await Promise.all([
        ...seed.providers.map(providers.seed),
        ...seed.flows.map(flows.seed),
        ...seed.customers.map(customers.seed),
        ...seed.dialroutes.map(dialroutes.seed),
      ]);
    },
  };
}

/** Writes an error as one line of JSON on standard error. */
export function logError(error: unknown, requestId?: string): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ level: 'error', service: 'platform', request_id: requestId, message }));
}
