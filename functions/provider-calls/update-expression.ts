/** What an update writes: attributes with their new values, and attributes that go. */
export type Change = { set: Record<string, unknown>; remove?: readonly string[] };

/** An expression with the placeholders it uses: `#name` for an attribute, `:name` for a value. */
export type Expression = { text: string; names: Record<string, string>; values: Record<string, unknown> };

const nameFor = (attribute: string) => `#${attribute}`;
const valueFor = (attribute: string) => `:${attribute}`;

const keyed = <Value>(
  attributes: readonly string[],
  key: (a: string) => string,
  value: (a: string) => Value,
) => Object.fromEntries(attributes.map((attribute) => [key(attribute), value(attribute)]));

/** The UpdateExpression of a change. DynamoDB reserves many plain words, so every attribute goes by a placeholder. */
export const updateExpression = ({ set, remove = [] }: Change): Expression => {
  const assigned = Object.keys(set);
  const assignments = assigned
    .map((attribute) => `${nameFor(attribute)} = ${valueFor(attribute)}`)
    .join(', ');
  const removals = remove.length === 0 ? '' : ` REMOVE ${remove.map(nameFor).join(', ')}`;
  return {
    text: `SET ${assignments}${removals}`,
    names: keyed([...assigned, ...remove], nameFor, (attribute) => attribute),
    values: keyed(assigned, valueFor, (attribute) => set[attribute]),
  };
};
