import { beforeEach, describe, expect, test } from 'vitest';
import { createFormStore } from '../src/page/stored-form.ts';
import { createTabStorage } from '../src/page/tab-storage.ts';
import { MemoryStorage } from './memory-storage.ts';

describe('createFormStore', () => {
  const empty = { name: 'default', password: '' };
  let storage: Storage;
  const open = () =>
    createFormStore(
      createTabStorage(() => storage),
      'test',
      empty,
      ['password'],
    );

  beforeEach(() => {
    storage = new MemoryStorage();
  });

  test('keeps what was typed, but no secret', () => {
    open().save({ name: 'typed', password: 'hunter2' });
    expect(open().load()).toEqual({ name: 'typed', password: '' });
    expect(storage.getItem('providercall.form.test')).not.toContain('hunter2');
  });

  test('forgets it again', () => {
    const store = open();
    store.save({ name: 'typed', password: '' });
    store.clear();
    expect(store.load()).toEqual(empty);
    expect(storage).toHaveLength(0);
  });

  test.each(['{', 'null', '[]', '{"name":1,"other":"x"}'])('ignores %s', (stored) => {
    storage.setItem('providercall.form.test', stored);
    expect(open().load()).toEqual(empty);
  });
});
