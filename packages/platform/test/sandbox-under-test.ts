import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { nilUuid } from '../../../functions/uuid.ts';
import type { Seed } from '../src/seed.ts';
import { defaultSeed, seedIds } from '../src/seed.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../src/server.ts';
import { createVirtualClock, type VirtualClock } from '../src/virtual-clock.ts';
import { newTableName } from './embedded-dynamodb.ts';
import { type HttpClient, httpClient } from './http-client.ts';

/** When every test of the stand-in begins: 2026-04-21 23:15:00 UTC. */
export const beginning = Date.UTC(2026, 3, 21, 23, 15);

export type SandboxUnderTest = Sandbox & {
  clock: VirtualClock;
  tableName: string;
  http: HttpClient;
};

export type TestOptions = Partial<Omit<SandboxOptions, 'dynamodb' | 'clock'>> & { clock?: VirtualClock };

/** A stand-in whose time stands still until the test moves it. A failure that is nobody's answer fails the test's process. */
export async function startTestSandbox(
  dynamodb: DynamoDBClient,
  options: TestOptions = {},
): Promise<SandboxUnderTest> {
  const clock = options.clock ?? createVirtualClock(beginning);
  const tableName = options.tableName ?? newTableName();
  const sandbox = await startSandbox({
    dynamodb,
    tableName,
    clock,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  return { ...sandbox, clock, tableName, http: httpClient(sandbox.url) };
}

/** The default seed, with its customer changed. */
export const seedWithCustomer = (changes: Partial<Seed['customers'][number]>): Seed => {
  const seed = defaultSeed();
  return { ...seed, customers: seed.customers.map((customer) => ({ ...customer, ...changes })) };
};

export const address = (type: string, target: string) => ({ type, target, target_name: '' });

/** The body that a ProviderCall becomes on its way to the call backend. */
export const callsBody = (changes: Record<string, unknown> = {}) => ({
  customer_id: seedIds.customer,
  flow_id: nilUuid,
  master_call_id: nilUuid,
  source: address('tel', '+14155551234'),
  destinations: [address('tel', '+821012345678')],
  early_execution: false,
  connect: false,
  anonymous: 'auto',
  metadata: { route_provider_ids: [seedIds.providers.answers], skip_source_validation: true },
  ...changes,
});

/** The same through other providers. */
export const through = (...providerIds: string[]) => ({
  metadata: { route_provider_ids: providerIds, skip_source_validation: true },
});
