import { isObject, jsonIn } from './json-text.ts';
import type { TabStorage } from './tab-storage.ts';

/**
 * Keeps the contents of a form in the tab's storage, so that neither a reload nor a failed request loses them. Fields
 * that must not be stored, such as a password, are listed in `secret`.
 */
export function createFormStore<Form extends Record<string, string>>(
  storage: TabStorage,
  name: string,
  empty: Form,
  secret: readonly (keyof Form)[] = [],
) {
  const key = `providercall.form.${name}`;

  return {
    /** Returns what was typed, with empty fields for the rest. */
    load(): Form {
      return { ...empty, ...textsIn(storage.get(key), Object.keys(empty)) };
    },

    save(form: Form): void {
      const kept = Object.entries(form).filter(([field]) => !secret.includes(field));
      storage.set(key, JSON.stringify(Object.fromEntries(kept)));
    },

    clear(): void {
      storage.remove(key);
    },
  };
}

function textsIn(stored: string | null, fields: readonly string[]): Record<string, string> {
  const form = jsonIn(stored ?? '');
  if (!isObject(form)) return {};
  const texts: Record<string, string> = {};
  for (const field of fields) if (typeof form[field] === 'string') texts[field] = form[field];
  return texts;
}
