import * as z from 'zod/mini';

/**
 * Headers or query parameters as API Gateway passes them, with every value that was sent, by name; null when there are
 * none. An object with a catch-all rather than a record, which would add kilobytes to the authorizer.
 */
export const repeatedValues = z.nullish(z.catchall(z.object({}), z.optional(z.array(z.string()))));
export type RepeatedValues = z.infer<typeof repeatedValues>;

/** Returns header values by lower-case name. */
export function headersOf(headers: RepeatedValues): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, values = []] of Object.entries(headers ?? {})) {
    const key = name.toLowerCase();
    const earlier = byName.get(key);
    byName.set(key, earlier === undefined ? values : [...earlier, ...values]);
  }
  return byName;
}
