/** Values to choose from by name; a choice is one value of each name. */
export type Choices = Record<string, readonly string[]>;
export type Choice = Record<string, string>;

/**
 * Returns choices in which every value of a name meets every value of every other name at least once. Greedy and
 * deterministic: each choice takes, name by name, the value that meets most pairs still missing.
 */
export function pairwise(choices: Choices): Choice[] {
  const names = Object.keys(choices);
  const missing = new Set(
    names.flatMap((a, at) =>
      names
        .slice(at + 1)
        .flatMap((b) =>
          valuesOf(choices, a).flatMap((x) => valuesOf(choices, b).map((y) => pairKey(a, x, b, y))),
        ),
    ),
  );
  const rows: Choice[] = [];
  for (let [seed] = missing; seed !== undefined; [seed] = missing) {
    const row: Choice = Object.fromEntries(parsePair(seed));
    for (const name of names) row[name] ??= bestValue(choices, name, row, missing);
    for (const [a, x] of Object.entries(row)) {
      for (const [b, y] of Object.entries(row)) missing.delete(pairKey(a, x, b, y));
    }
    rows.push(row);
  }
  return rows;
}

function bestValue(choices: Choices, name: string, row: Choice, missing: ReadonlySet<string>): string {
  const gain = (value: string): number =>
    Object.entries(row).filter(
      ([other, chosen]) =>
        missing.has(pairKey(name, value, other, chosen)) || missing.has(pairKey(other, chosen, name, value)),
    ).length;
  return valuesOf(choices, name).reduce((best, value) => (gain(value) > gain(best) ? value : best));
}

function valuesOf(choices: Choices, name: string): readonly string[] {
  const values = choices[name];
  if (values === undefined || values.length === 0) throw new Error(`${name} has no values`);
  return values;
}

function pairKey(a: string, x: string, b: string, y: string): string {
  return JSON.stringify([
    [a, x],
    [b, y],
  ]);
}

function parsePair(key: string): [string, string][] {
  return JSON.parse(key);
}
