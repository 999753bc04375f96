import { describe, expect, test } from 'vitest';
import { createTabStorage } from '../src/page/tab-storage.ts';
import { FullStorage, MemoryStorage } from './memory-storage.ts';

function blocked(): Storage {
  throw new DOMException('Access is denied for this document.', 'SecurityError');
}

describe('createTabStorage', () => {
  test('keeps texts in the browser’s storage, which a reload does not empty', () => {
    const storage = new MemoryStorage();
    const tab = createTabStorage(() => storage);
    expect(tab.set('providercall.a', '1')).toBe(true);
    expect(tab.isBlocked).toBe(false);
    expect(createTabStorage(() => storage).get('providercall.a')).toBe('1');
    tab.remove('providercall.a');
    expect(tab.get('providercall.a')).toBeNull();
    expect(storage).toHaveLength(0);
  });

  test('keeps texts in memory if storage is blocked, and says that a reload loses them', () => {
    const tab = createTabStorage(blocked);
    expect(tab.set('providercall.a', '1')).toBe(false);
    expect(tab.isBlocked).toBe(true);
    expect(tab.get('providercall.a')).toBe('1');
    tab.remove('providercall.a');
    expect(tab.get('providercall.a')).toBeNull();
  });

  test('reads what a full storage holds, and keeps in memory what it does not take', () => {
    const storage = new FullStorage({ 'providercall.a': 'stored' });
    const tab = createTabStorage(() => storage);
    expect(tab.get('providercall.a')).toBe('stored');
    expect(tab.set('providercall.a', 'changed')).toBe(false);
    expect(tab.get('providercall.a')).toBe('changed');
    expect(createTabStorage(() => storage).get('providercall.a')).toBe('stored');
  });

  test.each([
    ['the browser’s storage', () => new MemoryStorage()],
    ['memory', blocked],
  ])('clears all that it keeps in %s', (_, open) => {
    const tab = createTabStorage(open);
    for (const key of ['providercall.a', 'providercall.b']) tab.set(key, '1');
    tab.clear();
    expect(['providercall.a', 'providercall.b'].map(tab.get)).toEqual([null, null]);
  });
});
