/*
 * The specification's own examples, completed where it leaves fields out, and ids that show their role.
 */

export const CREATE_EXAMPLES = {
  'one destination': {
    provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
    anonymous: 'auto',
  },
  'inline actions': {
    provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
    actions: [
      { type: 'answer' },
      {
        type: 'talk',
        option: { text: 'This is a provider verification call.', language: 'en-US', gender: 'female' },
      },
      { type: 'hangup' },
    ],
  },
};

export const PROVIDER_CALL_EXAMPLE = {
  id: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  customer_id: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
  provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  flow_id: '00000000-0000-0000-0000-000000000000',
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
  anonymous: 'auto',
  call_ids: ['9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345'],
  groupcall_ids: [],
  tm_create: '2026-04-21 23:15:00.000000',
  tm_update: '2026-04-21 23:15:00.000000',
  tm_delete: null,
};

export const DELETED_PROVIDER_CALL_EXAMPLE = {
  ...PROVIDER_CALL_EXAMPLE,
  tm_update: '2026-04-22 00:00:00.000000',
  tm_delete: '2026-04-22 00:00:00.000000',
};

export const PROVIDER_CALL_LIST_EXAMPLE = {
  result: [PROVIDER_CALL_EXAMPLE],
  next_page_token: '2026-04-21 23:15:00.000000',
};

export const CALL_EXAMPLE = {
  id: '9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345',
  customer_id: PROVIDER_CALL_EXAMPLE.customer_id,
  flow_id: PROVIDER_CALL_EXAMPLE.flow_id,
  activeflow_id: 'ac71f000-0000-4000-8000-000000000001',
  type: 'flow',
  master_call_id: '00000000-0000-0000-0000-000000000000',
  groupcall_id: '00000000-0000-0000-0000-000000000000',
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destination: { type: 'tel', target: '+821012345678', target_name: '' },
  status: 'progressing',
  direction: 'outgoing',
  metadata: {
    route_provider_ids: ['4dbeabd6-f397-4375-95d2-a38411e07ed1'],
    skip_source_validation: true,
  },
  hangup_by: '',
  hangup_reason: '',
  dialroute_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  dialroutes: [
    {
      id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
      customer_id: '00000000-0000-0000-0000-000000000000',
      provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
      priority: 0,
      target: '+82',
    },
  ],
  tm_ringing: '2026-04-21 23:15:02.000000',
  tm_progressing: '2026-04-21 23:15:07.000000',
  tm_hangup: null,
  tm_create: '2026-04-21 23:15:00.000000',
  tm_update: '2026-04-21 23:15:07.000000',
  tm_delete: null,
};

export const SIP_ANALYSIS_EXAMPLE = {
  sip_messages: [
    {
      timestamp: '2026-04-21T23:15:00.001200Z',
      method: 'INVITE',
      src_ip: '192.0.2.10',
      src_port: 5060,
      dst_ip: '198.51.100.20',
      dst_port: 5060,
      raw: 'INVITE sip:+821012345678@198.51.100.20;transport=udp SIP/2.0\r\n…',
    },
    {
      timestamp: '2026-04-21T23:15:01.250300Z',
      method: '486',
      src_ip: '198.51.100.20',
      src_port: 5060,
      dst_ip: '192.0.2.10',
      dst_port: 5060,
      raw: 'SIP/2.0 486 Busy Here\r\n…',
    },
  ],
  rtcp_stats: null,
  notes: [{ timestamp: '2026-04-21T23:15:00.000100Z', text: 'Left out of the INVITE: "Privacy"' }],
};
