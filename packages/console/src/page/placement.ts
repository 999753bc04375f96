import type { CreateProviderCall } from '@provider-call/client';
import { isObject, jsonIn } from './json-text.ts';
import type { TabStorage } from './tab-storage.ts';

/** A request with its idempotency key, from the moment when it can be sent until its response has been read. */
export type Placement = {
  idempotencyKey: string;
  /** Exactly the bytes that are sent, so that a repetition is the same request. */
  body: string;
  /** What the body says. */
  request: CreateProviderCall;
  /** The owner of the credential it is sent with: keys are scoped to the customer, so nobody else may repeat it. */
  owner: string;
  /** When it was first sent, in ISO 8601 and empty if that cannot be read; null until then. */
  sentAt: string | null;
};

const STORAGE_KEY = 'providercall.placement';

/**
 * Keeps the current request in the tab's storage, which survives a reload. A request that has been sent is only ever
 * repeated unchanged and with the same key, so the API dials nothing twice; a changed request gets a new key. Loading
 * the page sends nothing: repeating a request is the user's decision.
 */
export function createPlacementStore(storage: TabStorage, newKey: () => string) {
  function load(): Placement | undefined {
    const stored = storage.get(STORAGE_KEY);
    return stored === null ? undefined : placementIn(stored);
  }

  /** Returns whether a reload keeps it. */
  function save({ request: _, ...placement }: Placement): boolean {
    return storage.set(STORAGE_KEY, JSON.stringify(placement));
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
      const placement = { idempotencyKey: newKey(), body, request, owner, sentAt: null };
      save(placement);
      return placement;
    },

    /**
     * Records that the request is being sent, before it is. Returns undefined if a reload would lose that: then it must not be
     * sent.
     */
    markSent(placement: Placement, now: Date): Placement | undefined {
      const sent = { ...placement, sentAt: placement.sentAt ?? now.toISOString() };
      if (save(sent)) return sent;
      save(placement);
      return undefined;
    },

    /** Discards the request: its response has been read, or the admin abandons it. The next one gets a new key. */
    resolve(): void {
      storage.remove(STORAGE_KEY);
    },
  };
}

/** Returns a stored request, or undefined for a text that cannot have been sent as one. */
function placementIn(stored: string): Placement | undefined {
  const value = jsonIn(stored);
  if (!isObject(value)) return undefined;
  const { idempotencyKey, body, owner, sentAt } = value;
  if (typeof idempotencyKey !== 'string' || typeof body !== 'string' || typeof owner !== 'string') {
    return undefined;
  }
  const request = jsonIn(body);
  if (!isRequest(request)) return undefined;
  // Only null says that the request has not been sent.
  return {
    idempotencyKey,
    body,
    request,
    owner,
    sentAt: sentAt === null || typeof sentAt === 'string' ? sentAt : '',
  };
}

/** Returns whether the API can have accepted this as a request, and the page can show it. */
function isRequest(value: unknown): value is CreateProviderCall {
  if (!isObject(value) || typeof value['provider_id'] !== 'string') return false;
  const { destinations, source = null } = value;
  return (
    Array.isArray(destinations) && destinations.every(isAddress) && (source === null || isAddress(source))
  );
}

function isAddress(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, target, target_name = '' } = value;
  return [type, target, target_name].every((text) => typeof text === 'string');
}
