/** What the page keeps for its tab only. */
export type TabStorage = {
  /** Whether the browser keeps nothing for the page, so that a reload loses all of it. */
  isBlocked: boolean;
  get(key: string): string | null;
  /** Keeps a text until the tab is closed, and returns whether a reload keeps it too. */
  set(key: string, text: string): boolean;
  remove(key: string): void;
  /** Removes everything. */
  clear(): void;
};

/**
 * Returns a storage for the page, in the browser's own as far as that allows it, and otherwise in memory: opening a storage
 * that is blocked throws a SecurityError, and writing to one that is full a QuotaExceededError.
 */
export function createTabStorage(open: () => Storage): TabStorage {
  const storage = storageOf(open);
  const inMemory = new Map<string, string>();

  return {
    isBlocked: storage === undefined,
    get: (key) => inMemory.get(key) ?? storage?.getItem(key) ?? null,

    set(key, text) {
      inMemory.set(key, text);
      if (storage === undefined) return false;
      try {
        storage.setItem(key, text);
      } catch {
        return false;
      }
      inMemory.delete(key);
      return true;
    },

    remove(key) {
      inMemory.delete(key);
      storage?.removeItem(key);
    },

    clear() {
      inMemory.clear();
      storage?.clear();
    },
  };
}

function storageOf(open: () => Storage): Storage | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
