/** What an update writes: attributes with their new values, and attributes that go. */
export type Change = { set: Record<string, unknown>; remove?: readonly string[] };

/** An expression with the placeholders it uses: `#name` for an attribute, `:name` for a value. */
export type Expression = { text: string; names: Record<string, string>; values: Record<string, unknown> };

const nameOf = (attribute: string) => `#${attribute}`;
const valueOf = (attribute: string) => `:${attribute}`;

const keyed = <Value>(
  attributes: readonly string[],
  key: (a: string) => string,
  value: (a: string) => Value,
) => Object.fromEntries(attributes.map((attribute) => [key(attribute), value(attribute)]));

/** The UpdateExpression of a change. DynamoDB reserves many plain words, so every attribute goes by a placeholder. */
export const updateExpression = ({ set, remove = [] }: Change): Expression => {
  const assigned = Object.keys(set);
  const assignments = assigned.map((attribute) => `${nameOf(attribute)} = ${valueOf(attribute)}`).join(', ');
  const removals = remove.length === 0 ? '' : ` REMOVE ${remove.map(nameOf).join(', ')}`;
  return {
    text: `SET ${assignments}${removals}`,
    names: keyed([...assigned, ...remove], nameOf, (attribute) => attribute),
    values: keyed(assigned, valueOf, (attribute) => set[attribute]),
  };
};
