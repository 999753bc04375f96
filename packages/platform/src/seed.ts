import { NIL_UUID } from '../../../functions/uuid.ts';
import { type Customer, unlimitedCustomer } from './customers.ts';
import type { Dialroute } from './records/dialroute.ts';
import type { Flow } from './records/flow.ts';
import type { Provider } from './records/provider.ts';

/** The documents that exist from the start. */
export type Seed = {
  providers: Provider[];
  flows: Flow[];
  customers: Customer[];
  dialroutes: Dialroute[];
};

/** The ids of the default seed, for the tests and curl commands that use them. */
export const SEED_IDS = {
  customer: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
  agent: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
  flow: 'f0000000-0000-4000-8000-000000000001',
  providers: {
    answers: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    busy: 'b0000000-0000-4000-8000-000000000001',
    rejects: 'b0000000-0000-4000-8000-000000000002',
    neverAnswers: 'b0000000-0000-4000-8000-000000000003',
    deleted: 'b0000000-0000-4000-8000-000000000004',
    /** The one behind the customer's own route. */
    customerRoute: 'b0000000-0000-4000-8000-000000000005',
    /** The one behind the default route. */
    defaultRoute: 'b0000000-0000-4000-8000-000000000006',
  },
} as const;

const CREATED_AT = '2026-01-01 00:00:00.000000';

/**
 * Returns the seed of one customer.
 *
 * All providers are the same carrier, at `carrier` (host and port), and differ only in their `tech_prefix`, which is
 * dialled before the "+". A SIP status there determines how the call ends. `486+15550100` is busy, `403+15550100` is
 * rejected, `180+15550100` rings and is never answered, `+15550100` is answered. Both the scripted dialer and the demo
 * carrier follow it.
 */
export function defaultSeed({ carrier = 'carrier.example.com' }: { carrier?: string } = {}): Seed {
  const { customer, agent, flow, providers: ids } = SEED_IDS;

  const provider = (id: string, name: string, detail: string, changes: Partial<Provider> = {}): Provider => ({
    id,
    type: 'sip',
    hostname: carrier,
    tech_prefix: '',
    tech_postfix: '',
    tech_headers: {},
    codecs: 'PCMU,PCMA',
    auth_username: '',
    auth_password: '',
    name,
    detail,
    metadata: {},
    health_status: 'unknown',
    health_checked_at: null,
    tm_create: CREATED_AT,
    tm_update: CREATED_AT,
    tm_delete: null,
    ...changes,
  });

  const route = (digit: number, customerId: string, providerId: string, priority: number): Dialroute => ({
    id: `d0000000-0000-4000-8000-00000000000${digit}`,
    customer_id: customerId,
    provider_id: providerId,
    priority,
    target: 'all',
  });

  const address = (type: 'tel' | 'sip', target: string) => ({ type, target, target_name: '' });

  return {
    providers: [
      provider(ids.answers, 'Answers', 'Every call is answered.'),
      provider(ids.busy, 'Busy', 'Every call is busy (486).', {
        tech_prefix: '486',
        // The platform's older form of "not deleted".
        tm_delete: '9999-01-01 00:00:00.000000',
      }),
      provider(ids.rejects, 'Rejects', 'Every call is rejected (403).', { tech_prefix: '403' }),
      provider(ids.neverAnswers, 'Never answers', 'Every call rings and is not answered.', {
        tech_prefix: '180',
      }),
      provider(ids.deleted, 'Deleted', 'No call can go through it.', {
        tm_update: '2026-01-02 00:00:00.000000',
        tm_delete: '2026-01-02 00:00:00.000000',
      }),
      provider(ids.customerRoute, 'Customer route', 'Used by calls that do not name a provider.'),
      provider(ids.defaultRoute, 'Default route', 'Used when the customer route fails.'),
    ],

    flows: [
      {
        id: flow,
        customer_id: customer,
        type: 'flow',
        name: 'Verification',
        detail: 'Says a sentence and hangs up.',
        persist: true,
        actions: [
          { type: 'answer' },
          { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
          { type: 'hangup' },
        ],
        on_complete_flow_id: NIL_UUID,
        tm_create: CREATED_AT,
        tm_update: CREATED_AT,
        tm_delete: null,
      },
    ],

    customers: [
      {
        ...unlimitedCustomer(customer),
        numbers: ['+14155550100', '+14155550101'],
        default_outgoing_number: '+14155550100',
        agents: { [agent]: [address('tel', '+14155550110'), address('sip', 'agent@phone.example.com')] },
        extensions: { '1001': [address('sip', '1001@phone.example.com')] },
      },
    ],

    dialroutes: [
      route(1, customer, ids.customerRoute, 0),
      route(2, NIL_UUID, ids.customerRoute, 0),
      route(3, NIL_UUID, ids.defaultRoute, 1),
    ],
  };
}
