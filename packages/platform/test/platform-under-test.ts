import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NIL_UUID } from '../../../functions/uuid.ts';
import type { Call } from '../src/records/call.ts';
import type { Provider } from '../src/records/provider.ts';
import type { Seed } from '../src/seed.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';
import { type PlatformOptions, type RunningPlatform, startPlatform } from '../src/start-platform.ts';
import { createVirtualClock, type VirtualClock } from '../src/virtual-clock.ts';
import { newTableName } from './embedded-dynamodb.ts';
import { type HttpClient, httpClient } from './http-client.ts';

/** When every test of the stand-in begins: 2026-04-21 23:15:00 UTC. */
export const BEGINNING = Date.UTC(2026, 3, 21, 23, 15);

export type PlatformUnderTest = RunningPlatform & {
  clock: VirtualClock;
  tableName: string;
  http: HttpClient;
};

export type TestOptions = Partial<Omit<PlatformOptions, 'dynamodb' | 'clock'>> & { clock?: VirtualClock };

/** A stand-in whose time stands still until the test moves it. An error that no response reports fails the test run. */
export async function startTestPlatform(
  dynamodb: DynamoDBClient,
  options: TestOptions = {},
): Promise<PlatformUnderTest> {
  const clock = options.clock ?? createVirtualClock(BEGINNING);
  const tableName = options.tableName ?? newTableName();
  const platform = await startPlatform({
    dynamodb,
    tableName,
    clock,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  return { ...platform, clock, tableName, http: httpClient(platform.url) };
}

/** The default seed, with its customer changed. */
export function seedWithCustomer(changes: Partial<Seed['customers'][number]>): Seed {
  const seed = defaultSeed();
  return { ...seed, customers: seed.customers.map((customer) => ({ ...customer, ...changes })) };
}

/** A stored provider. */
export function provider(changes: Partial<Provider> = {}): Provider {
  return {
    id: 'a0000000-0000-4000-8000-000000000001',
    type: 'sip',
    hostname: 'sip.example.com',
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: 'PCMU,PCMA',
    auth_username: '',
    auth_password: '',
    name: 'peer',
    detail: '',
    metadata: {},
    health_status: 'unknown',
    health_checked_at: null,
    tm_create: '2026-01-01 00:00:00.000000',
    tm_update: '2026-01-01 00:00:00.000000',
    tm_delete: null,
    ...changes,
  };
}

/** A call that was just placed. */
export function newCall(changes: Partial<Call> = {}): Call {
  return {
    id: 'c0000000-0000-4000-8000-000000000001',
    customer_id: SEED_IDS.customer,
    flow_id: NIL_UUID,
    activeflow_id: NIL_UUID,
    type: 'flow',
    master_call_id: NIL_UUID,
    groupcall_id: NIL_UUID,
    source: null,
    destination: address('tel', '+15550100'),
    status: 'dialing',
    direction: 'outgoing',
    metadata: {},
    hangup_by: '',
    hangup_reason: '',
    dialroute_id: NIL_UUID,
    dialroutes: [],
    tm_ringing: null,
    tm_progressing: null,
    tm_hangup: null,
    tm_create: '2026-04-21 23:15:00.000000',
    tm_update: '2026-04-21 23:15:00.000000',
    tm_delete: null,
    ...changes,
  };
}

export function tel(target: string) {
  return address('tel', target);
}
export function sip(target: string) {
  return address('sip', target);
}

export function address(type: string, target: string) {
  return { type, target, target_name: '' };
}

/** The body that a ProviderCall becomes on its way to the call backend. */
export function callsBody(changes: Record<string, unknown> = {}) {
  return {
    customer_id: SEED_IDS.customer,
    flow_id: NIL_UUID,
    master_call_id: NIL_UUID,
    source: address('tel', '+14155551234'),
    destinations: [address('tel', '+821012345678')],
    early_execution: false,
    connect: false,
    anonymous: 'auto',
    metadata: { route_provider_ids: [SEED_IDS.providers.answers], skip_source_validation: true },
    ...changes,
  };
}

/** The same through other providers. */
export function through(...providerIds: string[]) {
  return {
    metadata: { route_provider_ids: providerIds, skip_source_validation: true },
  };
}
