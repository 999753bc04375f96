import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import type {
  Intent,
  PlacedProviderCall,
  UnconfirmedProviderCall,
} from '../../functions/provider-calls/provider-call.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import { SEED_AGENT, SEED_CUSTOMER } from '../../packages/local/src/token.ts';

/** A placed record of the seeded customer, as create would have written it. */
export function storedRecord(changes: Partial<PlacedProviderCall> = {}): PlacedProviderCall {
  return {
    id: randomUUID(),
    customerId: SEED_CUSTOMER,
    providerId: SEED_IDS.providers.answers,
    flowId: NIL_UUID,
    source: { type: 'tel', target: '+14155551234', target_name: '' },
    destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
    anonymous: 'auto',
    callIds: ['9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345'],
    groupcallIds: [],
    createdAt: '2026-04-21 23:15:00.000000',
    updatedAt: '2026-04-21 23:15:00.000000',
    deletedAt: null,
    state: 'placed',
    attempt: randomUUID(),
    createdBy: { type: 'agent', id: SEED_AGENT },
    deletedBy: null,
    requestId: 'of-a-journey',
    idempotency: null,
    temporaryFlow: null,
    ...changes,
  };
}

/** The same before its calls are known. */
export function storedIntent(changes: Partial<Intent> = {}): Intent {
  return {
    ...storedRecord(),
    state: 'intent',
    callIds: [],
    neverDialled: false,
    postponed: 0,
    candidates: [],
    ...changes,
  };
}

/** The same when it is not known whether its calls were placed. */
export function storedUnconfirmed(changes: Partial<UnconfirmedProviderCall> = {}): UnconfirmedProviderCall {
  return {
    ...storedRecord(),
    state: 'unconfirmed',
    callIds: [],
    neverDialled: false,
    postponed: 0,
    candidates: [],
    ...changes,
  };
}
