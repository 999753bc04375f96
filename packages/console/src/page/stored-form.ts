/**
 * Keeps the contents of a form in the tab's storage, so that neither a reload nor a failed request loses them. Fields
 * that must not be stored, such as a password, are listed in `secret`.
 */
export function createFormStore<Form extends Record<string, string>>(
  storage: Storage,
  name: string,
  empty: Form,
  secret: readonly (keyof Form)[] = [],
) {
  const key = `providercall.form.${name}`;

  return {
    /** Returns what was typed, with empty fields for the rest. */
    load(): Form {
      return { ...empty, ...textsIn(storage.getItem(key), Object.keys(empty)) };
    },

    save(form: Form): void {
      const kept = Object.entries(form).filter(([field]) => !secret.includes(field));
      storage.setItem(key, JSON.stringify(Object.fromEntries(kept)));
    },

    clear(): void {
      storage.removeItem(key);
    },
  };
}

function textsIn(stored: string | null, fields: readonly string[]): Record<string, string> {
  if (stored === null) return {};
  try {
    const value: unknown = JSON.parse(stored);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter(([field, text]) => fields.includes(field) && typeof text === 'string'),
    );
  } catch {
    return {};
  }
}
