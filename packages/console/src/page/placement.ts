import type { CreateProviderCall } from '@provider-call/client';

/** A request with its idempotency key, from the moment when it can be sent until its response has been read. */
export type Placement = {
  idempotencyKey: string;
  /** Exactly the bytes that are sent, so that a repetition is the same request. */
  body: string;
  /** The owner of the credential it is sent with: keys are scoped to the customer, so nobody else may repeat it. */
  owner: string;
  /** When it was first sent, in ISO 8601; null until then. */
  sentAt: string | null;
};

const STORAGE_KEY = 'providercall.placement';

/**
 * Keeps the current request in the tab's storage, which survives a reload. A request that has been sent is only ever
 * repeated unchanged and with the same key, so the API dials nothing twice; a changed request gets a new key. Loading
 * the page sends nothing: repeating a request is the user's decision.
 */
export function createPlacementStore(storage: Storage, newKey: () => string) {
  function load(): Placement | undefined {
    const stored = storage.getItem(STORAGE_KEY);
    if (stored === null) return undefined;
    try {
      const value: unknown = JSON.parse(stored);
      return isPlacement(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  function save(placement: Placement): Placement {
    storage.setItem(STORAGE_KEY, JSON.stringify(placement));
    return placement;
  }

  return {
    /** Returns the request whose response has not been read yet, if there is one. */
    unresolved(): Placement | undefined {
      const placement = load();
      return placement?.sentAt === null ? undefined : placement;
    },

    /** Returns the request with its key, which is always the same for the same request until it is resolved. */
    prepare(request: CreateProviderCall, owner: string): Placement {
      const body = JSON.stringify(request);
      const stored = load();
      const isSame = stored?.body === body && stored.owner === owner;
      if (stored !== undefined && (isSame || stored.sentAt !== null)) return stored;
      return save({ idempotencyKey: newKey(), body, owner, sentAt: null });
    },

    /** Records that the request is being sent, before it is. */
    markSent(placement: Placement, now: Date): Placement {
      return save({ ...placement, sentAt: placement.sentAt ?? now.toISOString() });
    },

    /** Discards the request: its response has been read, or the admin abandons it. The next one gets a new key. */
    resolve(): void {
      storage.removeItem(STORAGE_KEY);
    },
  };
}

function isPlacement(value: unknown): value is Placement {
  return (
    typeof value === 'object' &&
    value !== null &&
    'idempotencyKey' in value &&
    typeof value.idempotencyKey === 'string' &&
    'body' in value &&
    typeof value.body === 'string' &&
    'owner' in value &&
    typeof value.owner === 'string' &&
    'sentAt' in value &&
    (value.sentAt === null || typeof value.sentAt === 'string')
  );
}
