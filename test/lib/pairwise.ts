/** Values to choose from by name; a choice is one value of each name. */
export type Choices = Record<string, readonly string[]>;
export type Choice = Record<string, string>;

/** Two values that exclude each other: `[name, value, other name, its value]`. */
export type Exclusion = readonly [a: string, x: string, b: string, y: string];

/**
 * Returns choices in which every value of a name meets every value of every other name at least once. Greedy
 * and deterministic: each choice takes, name by name, the value that covers the maximum of the pairs still
 * missing. Values that exclude each other meet in separate choices, because nothing else in such a choice is
 * evaluated.
 */
export function pairwise(choices: Choices, exclusions: readonly Exclusion[] = []): Choice[] {
  const names = Object.keys(choices);
  const excluded = new Set(exclusions.flatMap(([a, x, b, y]) => [pairKey(a, x, b, y), pairKey(b, y, a, x)]));
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
    for (const name of names) row[name] ??= bestValue(choices, name, row, missing, excluded);
    const met = excluded.has(seed) ? [seed] : pairsOf(row);
    for (const pair of met) missing.delete(pair);
    rows.push(row);
  }
  return rows;
}

function bestValue(
  choices: Choices,
  name: string,
  row: Choice,
  missing: ReadonlySet<string>,
  excluded: ReadonlySet<string>,
): string {
  const pairsWith = (value: string) => pairsOf({ ...row, [name]: value });
  const gain = (value: string) => pairsWith(value).filter((pair) => missing.has(pair)).length;
  const allowed = valuesOf(choices, name).filter(
    (value) =>
      !Object.entries(row).some(([other, chosen]) => excluded.has(pairKey(name, value, other, chosen))),
  );
  // Next to two values that exclude each other, it does not matter.
  const candidates = allowed.length > 0 ? allowed : valuesOf(choices, name);
  return candidates.reduce((best, value) => (gain(value) > gain(best) ? value : best));
}

function pairsOf(row: Choice): string[] {
  const entries = Object.entries(row);
  return entries.flatMap(([a, x]) => entries.map(([b, y]) => pairKey(a, x, b, y)));
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
