import { beforeEach, describe, expect, test } from 'vitest';
import { createPlacementStore } from '../src/page/placement.ts';
import { MemoryStorage } from './memory-storage.ts';

const now = new Date('2026-11-25T00:00:00.000Z');
const request = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+1' }] };
const other = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+2' }] };

describe('createPlacementStore', () => {
  let storage: Storage;
  let keys: number;
  const open = () => createPlacementStore(storage, () => `key-${++keys}`);

  beforeEach(() => {
    storage = new MemoryStorage();
    keys = 0;
  });

  test('the same request has the same key, also after a reload; a changed one has its own', () => {
    expect(open().prepare(request, 'me').idempotencyKey).toBe('key-1');
    expect(open().prepare(request, 'me').idempotencyKey).toBe('key-1');
    expect(open().prepare(other, 'me').idempotencyKey).toBe('key-2');
  });

  test('another customer’s request has its own key', () => {
    open().prepare(request, 'me');
    expect(open().prepare(request, 'somebody else').idempotencyKey).toBe('key-2');
  });

  test('a request is unresolved from the moment it is sent until its response is read', () => {
    const store = open();
    const prepared = store.prepare(request, 'me');
    expect(store.unresolved()).toBeUndefined();
    const sent = store.markSent(prepared, now);
    expect(open().unresolved()).toEqual({
      idempotencyKey: 'key-1',
      body: JSON.stringify(request),
      owner: 'me',
      sentAt: '2026-11-25T00:00:00.000Z',
    });
    expect(store.markSent(sent, new Date(now.getTime() + 1_000))).toEqual(sent);
    store.resolve();
    expect(open().unresolved()).toBeUndefined();
    expect(open().prepare(request, 'me').idempotencyKey).toBe('key-2');
  });

  test('nothing replaces an unresolved request', () => {
    const store = open();
    const sent = store.markSent(store.prepare(request, 'me'), now);
    expect(store.prepare(other, 'me')).toEqual(sent);
  });

  test.each(['{', 'null', '{}', '{"idempotencyKey":1}', '{"idempotencyKey":"k","body":"{}","sentAt":null}'])(
    'stored text %s that is no request is ignored',
    (stored) => {
      storage.setItem('providercall.placement', stored);
      expect(open().unresolved()).toBeUndefined();
      expect(open().prepare(request, 'me').idempotencyKey).toBe('key-1');
    },
  );
});
