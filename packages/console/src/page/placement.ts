import type { CreateProviderCall } from '@provider-call/client';

/** A request under its idempotency key, from the moment somebody may send it until its response has been read. */
export type Placement = {
  idempotencyKey: string;
  /** The very bytes that are sent, so that a repetition is the same request. */
  body: string;
  /** Whose credential it is sent with: keys are scoped to the customer, so nobody else may repeat it. */
  owner: string;
  /** When it was sent first, ISO 8601; null while it has not been. */
  sentAt: string | null;
};

const STORAGE_KEY = 'providercall.placement';

/**
 * Keeps the request that is being placed, in the tab's storage, which survives a reload. What was sent once is only ever sent
 * again under the same key and unchanged, so the API dials nothing twice; a changed request has a key of its own. Nothing is sent by loading
 * the page: a repetition is somebody's decision.
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
    /** Returns the request whose response has not been read, if there is one. */
    unresolved(): Placement | undefined {
      const placement = load();
      return placement?.sentAt === null ? undefined : placement;
    },

    /** Returns the request under its key: always the same key for the same request, until it is resolved. */
    prepare(request: CreateProviderCall, owner: string): Placement {
      const body = JSON.stringify(request);
      const stored = load();
      const isSame = stored?.body === body && stored.owner === owner;
      if (stored !== undefined && (isSame || stored.sentAt !== null)) return stored;
      return save({ idempotencyKey: newKey(), body, owner, sentAt: null });
    },

    /** Notes that the request is being sent, before it is. */
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
