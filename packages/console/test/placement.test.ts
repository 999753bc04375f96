import { beforeEach, describe, expect, test } from 'vitest';
import { createPlacementStore } from '../src/page/placement.ts';
import { createTabStorage } from '../src/page/tab-storage.ts';
import { FullStorage, MemoryStorage } from './memory-storage.ts';

const NOW = new Date('2026-11-25T00:00:00.000Z');
const REQUEST = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+1' }] };
const OTHER = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+2' }] };

describe('createPlacementStore', () => {
  let storage: Storage;
  let keys: number;
  const open = () =>
    createPlacementStore(
      createTabStorage(() => storage),
      () => `key-${++keys}`,
    );

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
    const sent = {
      idempotencyKey: 'key-1',
      body: JSON.stringify(REQUEST),
      request: REQUEST,
      owner: 'me',
      sentAt: '2026-11-25T00:00:00.000Z',
    };
    expect(store.markSent(prepared, NOW)).toEqual(sent);
    expect(open().unresolved()).toEqual(sent);
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

  test('a request that a reload would lose must not be sent, and stays as it was', () => {
    storage = new FullStorage();
    const store = open();
    const prepared = store.prepare(REQUEST, 'me');
    expect(store.markSent(prepared, NOW)).toBeUndefined();
    expect(store.unresolved()).toBeUndefined();
    expect(store.prepare(REQUEST, 'me')).toEqual(prepared);
    expect(open().unresolved()).toBeUndefined();
  });

  test('a request that was sent before the storage was full stays unresolved', () => {
    open().markSent(open().prepare(REQUEST, 'me'), NOW);
    storage = new FullStorage({ 'providercall.placement': storage.getItem('providercall.placement') ?? '' });
    const store = open();
    expect(store.unresolved()).toMatchObject({ idempotencyKey: 'key-1', sentAt: NOW.toISOString() });
    expect(store.prepare(OTHER, 'me')).toEqual(store.unresolved());
  });

  test.each(['{', 'null', '{}', '{"idempotencyKey":1}', '{"idempotencyKey":"k","body":"{}","sentAt":null}'])(
    'stored text %s that is not a request is ignored',
    (stored) => {
      storage.setItem('providercall.placement', stored);
      expect(open().unresolved()).toBeUndefined();
      expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-1');
    },
  );

  const SENT = { idempotencyKey: 'key-0', owner: 'me', sentAt: NOW.toISOString() };

  test.each([
    'not JSON',
    'null',
    '[]',
    '{}',
    '{"provider_id":"p"}',
    '{"provider_id":1,"destinations":[{"type":"tel","target":"+1"}]}',
    '{"provider_id":"p","destinations":"+1"}',
    '{"provider_id":"p","destinations":[null]}',
    '{"provider_id":"p","destinations":[{"type":"tel"}]}',
    '{"provider_id":"p","destinations":[{"type":"tel","target":"+1","target_name":7}]}',
    '{"provider_id":"p","destinations":[],"source":"+1"}',
  ])('a stored body %s that the API would not have accepted is ignored', (body) => {
    storage.setItem('providercall.placement', JSON.stringify({ ...SENT, body }));
    expect(open().unresolved()).toBeUndefined();
    expect(open().prepare(REQUEST, 'me').idempotencyKey).toBe('key-1');
  });

  test.each([NOW.toISOString(), 'at some time', '', 7, undefined])(
    'a stored request that may have been sent, at %s, is unresolved',
    (sentAt) => {
      const body = JSON.stringify({ ...REQUEST, source: null, unknown: 1 });
      storage.setItem('providercall.placement', JSON.stringify({ ...SENT, body, sentAt }));
      expect(open().unresolved()).toMatchObject({ idempotencyKey: 'key-0', body });
      expect(open().prepare(OTHER, 'me').idempotencyKey).toBe('key-0');
    },
  );
});
