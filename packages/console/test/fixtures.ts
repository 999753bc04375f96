import type { Call, Provider, ProviderCall } from '@provider-call/client';

/** A provider, with whatever a test changes. */
export function providerWith(changes: Partial<Provider> = {}): Provider {
  return {
    id: 'provider-1',
    type: 'sip',
    hostname: 'sip.example.com',
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: 'PCMU,PCMA',
    name: 'Carrier',
    detail: '',
    metadata: {},
    health_status: 'healthy',
    health_checked_at: '2026-11-25 00:00:00.000000',
    health_detail: '200 OK',
    tm_create: '2026-11-24 00:00:00.000000',
    tm_update: '2026-11-24 00:00:00.000000',
    tm_delete: null,
    ...changes,
  };
}

/** A call that was answered after 1.5 s and ended after ten more, with whatever a test changes. */
export function callWith(changes: Partial<Call> = {}): Call {
  return {
    id: 'call-1',
    customer_id: 'customer-1',
    flow_id: '',
    groupcall_id: '',
    source: null,
    destination: { type: 'tel', target: '+821012345678', target_name: '' },
    status: 'hangup',
    direction: 'outgoing',
    metadata: { route_provider_ids: ['provider-1'] },
    hangup_by: 'remote',
    hangup_reason: 'normal',
    dialroute_id: '',
    dialroutes: [],
    tm_ringing: '2026-11-25 00:00:00.300000',
    tm_progressing: '2026-11-25 00:00:01.500000',
    tm_hangup: '2026-11-25 00:00:11.500000',
    tm_create: '2026-11-25 00:00:00.000000',
    tm_update: '2026-11-25 00:00:11.500000',
    tm_delete: null,
    ...changes,
  };
}

/** A record of one call, with whatever a test changes. */
export function recordWith(changes: Partial<ProviderCall> = {}): ProviderCall {
  return {
    id: 'record-1',
    customer_id: 'customer-1',
    provider_id: 'provider-1',
    flow_id: '00000000-0000-0000-0000-000000000000',
    source: { type: 'tel', target: '+14155550100', target_name: '' },
    destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
    anonymous: 'auto',
    call_ids: ['call-1'],
    groupcall_ids: [],
    tm_create: '2026-11-25 00:00:00.000000',
    tm_update: '2026-11-25 00:00:00.000000',
    tm_delete: null,
    ...changes,
  };
}
