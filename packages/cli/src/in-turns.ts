const MAX_CONCURRENT = 8;

/** Runs a task for each value, a few at a time. Returns the results in the order of the values. */
export async function inTurns<T, Result>(
  values: readonly T[],
  task: (value: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const pending = values.entries();
  const next = async () => {
    for (const [index, value] of pending) results[index] = await task(value);
  };
  await Promise.all(Array.from({ length: Math.min(MAX_CONCURRENT, values.length) }, next));
  return results;
}
