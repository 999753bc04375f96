/** Runs tasks of the same key one after the other, in the order in which they came; tasks of different keys at once. */
export function oneAtATime() {
  const last = new Map<string, Promise<unknown>>();

  return <Result>(key: string, task: () => Promise<Result>): Promise<Result> => {
    const result = (last.get(key) ?? Promise.resolve()).then(task);
    const settled = result.then(
      () => {},
      () => {},
    );
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return result;
  };
}
