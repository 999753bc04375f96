/**
 * Returns whether an event matches an EventBridge pattern, in the part of the language that the pipe uses.
 * Anything else in a pattern is an error, so that no test passes because of what is not understood.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (!isObject(pattern)) throw new TypeError('a pattern is an object');
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = isObject(event) ? event[key] : undefined;
    return Array.isArray(wanted)
      ? wanted.some((condition) => meets(condition, value))
      : matchesPattern(wanted, value);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function meets(condition: unknown, value: unknown): boolean {
  if (typeof condition === 'string') return value === condition;
  if (!isObject(condition)) throw new TypeError(`unknown condition ${JSON.stringify(condition)}`);
  const { exists, 'anything-but': others, ...unknown } = condition;
  if (Object.keys(unknown).length > 0) throw new TypeError(`unknown condition ${JSON.stringify(condition)}`);
  if (typeof exists === 'boolean') return (value !== undefined) === exists;
  if (Array.isArray(others)) return value !== undefined && !others.includes(value);
  throw new TypeError(`unknown condition ${JSON.stringify(condition)}`);
}
