import { beforeEach, describe, expect, test } from 'vitest';
import { createPlacementStore } from '../src/page/placement.ts';
import { MemoryStorage } from './memory-storage.ts';

const NOW = new Date('2026-11-25T00:00:00.000Z');
const REQUEST = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+1' }] };
const OTHER = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+2' }] };

describe('createPlacementStore', () => {
  let storage: Storage;
  let keys: number;
  const open = () => createPlacementStore(storage, () => `key-${++keys}`);

  beforeEach(() => {
    storage = new MemoryStorage();
    keys = 0;
  });

  test('the same request has the same key, also after a reload; a changed one has its own', () => {
    expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-1');
    expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-1');
    expect(open().prepare(OTHER, 'me').idempotencyKey).toBe('key-2');
  });

  test('another customer’s request has its own key', () => {
    open().prepare(REQUEST, 'me');
    expect(open().prepare(REQUEST, 'somebody else').idempotencyKey).toBe('key-2');
  });

  test('a request is unresolved from the moment it is sent until its response is read', () => {
    const store = open();
    const prepared = store.prepare(REQUEST, 'me');
    expect(store.unresolved()).toBeUndefined();
    const sent = store.markSent(prepared, NOW);
    expect(open().unresolved()).toEqual({
      idempotencyKey: 'key-1',
      body: JSON.stringify(REQUEST),
      owner: 'me',
      sentAt: '2026-11-25T00:00:00.000Z',
    });
    expect(store.markSent(sent, new Date(NOW.getTime() + 1_000))).toEqual(sent);
    store.resolve();
    expect(open().unresolved()).toBeUndefined();
    expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-2');
  });

  test('nothing replaces an unresolved request', () => {
    const store = open();
    const sent = store.markSent(store.prepare(REQUEST, 'me'), NOW);
    expect(store.prepare(OTHER, 'me')).toEqual(sent);
  });

  test.each(['{', 'null', '{}', '{"idempotencyKey":1}', '{"idempotencyKey":"k","body":"{}","sentAt":null}'])(
    'stored text %s that is not a request is ignored',
    (stored) => {
      storage.setItem('providercall.placement', stored);
      expect(open().unresolved()).toBeUndefined();
      expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-1');
    },
  );
});
