import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import type {
  Intent,
  PlacedProviderCall,
  UnconfirmedProviderCall,
} from '../../functions/provider-calls/provider-call.ts';
import { sampleIntent, sampleRecord, sampleUnconfirmed } from '../functions/provider-calls/sample-record.ts';

/** Returns a placed record of the seeded customer, as create stores it. */
export function storedRecord(changes: Partial<PlacedProviderCall> = {}): PlacedProviderCall {
  return sampleRecord({ ...ofTheSeed(), ...changes });
}

/** Returns the same before its calls are placed. */
export function storedIntent(changes: Partial<Intent> = {}): Intent {
  return sampleIntent({ ...ofTheSeed(), ...changes });
}

/** Returns the same when it is not known whether its calls were placed. */
export function storedUnconfirmed(changes: Partial<UnconfirmedProviderCall> = {}): UnconfirmedProviderCall {
  return sampleUnconfirmed({ ...ofTheSeed(), ...changes });
}

function ofTheSeed() {
  return {
    id: randomUUID(),
    customerId: SEED_IDS.customer,
    providerId: SEED_IDS.providers.answers,
    attempt: randomUUID(),
    createdBy: { type: 'agent', id: SEED_IDS.agent },
    requestId: 'of-a-journey',
  } satisfies Partial<PlacedProviderCall>;
}
