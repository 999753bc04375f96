import type {
  Intent,
  PlacedProviderCall,
  StoredProviderCall,
  UnconfirmedProviderCall,
} from '../../../functions/provider-calls/provider-call.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';

export const IDS = {
  record: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  customer: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
  otherCustomer: '00000000-0000-4000-8000-0000000000c2',
  provider: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  otherProvider: '00000000-0000-4000-8000-0000000000d2',
  agent: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
  otherAgent: '00000000-0000-4000-8000-0000000000a2',
  attempt: '00000000-0000-4000-8000-0000000000e1',
  laterAttempt: '00000000-0000-4000-8000-0000000000e2',
  flow: '00000000-0000-4000-8000-0000000000f1',
  call: '9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345',
  groupcall: '00000000-0000-4000-8000-0000000000b1',
} as const;

export const CREATED_AT = '2026-04-21 23:15:00.000000';

/** What the specification's record has in all three states. */
const SPECIFIED = {
  id: IDS.record,
  customerId: IDS.customer,
  providerId: IDS.provider,
  flowId: NIL_UUID,
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
  anonymous: 'auto',
  groupcallIds: [],
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
  deletedAt: null,
  attempt: IDS.attempt,
  createdBy: { type: 'agent', id: IDS.agent },
  deletedBy: null,
  requestId: 'request-1',
  idempotency: null,
  temporaryFlow: null,
} satisfies Partial<PlacedProviderCall>;

/** The specification's record as it is stored once its call is placed. */
export function sampleRecord(changes: Partial<PlacedProviderCall> = {}): PlacedProviderCall {
  return {
    ...SPECIFIED,
    state: 'placed',
    callIds: [IDS.call],
    ...changes,
  };
}

/** Returns the same record before anything was placed. */
export function sampleIntent(changes: Partial<Intent> = {}): Intent {
  return {
    ...SPECIFIED,
    state: 'intent',
    callIds: [],
    neverDialled: false,
    postponed: 0,
    candidates: [],
    ...changes,
  };
}

/** Returns the same record when it is not known whether anything was placed. */
export function sampleUnconfirmed(changes: Partial<UnconfirmedProviderCall> = {}): UnconfirmedProviderCall {
  return {
    ...SPECIFIED,
    state: 'unconfirmed',
    callIds: [],
    neverDialled: false,
    postponed: 0,
    candidates: [],
    ...changes,
  };
}

/** Returns what is kept of a record once it is settled. */
export function keptOf(stored: StoredProviderCall) {
  const { neverDialled, postponed, candidates, ...kept } = {
    neverDialled: false,
    postponed: 0,
    candidates: [],
    ...stored,
  };
  return kept;
}
