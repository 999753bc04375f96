const STRINGS = /"(?:[^"\\]|\\.)*"\s*(:?)/gs;

/**
 * Returns whether no object in a JSON text names a key twice. JSON.parse keeps the last one and another parser may keep
 * the first, so a text that can be read in two ways is not trusted (RFC 8725 §2.4).
 *
 * @throws {SyntaxError} when the text is not JSON
 */
export function hasUniqueKeys(text: string): boolean {
  const parsed: unknown = JSON.parse(text);
  let named = 0;
  for (const [, colon] of text.matchAll(STRINGS)) if (colon === ':') named += 1;
  return named === countKeys(parsed);
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  const own = Array.isArray(value) ? 0 : members.length;
  return members.reduce((sum: number, member) => sum + countKeys(member), own);
}
