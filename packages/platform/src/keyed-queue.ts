/** Runs tasks with the same key one after another, in the order in which they were added, and others concurrently. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `task` after all earlier tasks with this key have ended, whether or not they failed. Returns its result. */
  run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const result = this.settled(key).then(task);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }

  /** Resolves when all tasks added with this key so far have ended. */
  settled(key: string): Promise<void> {
    return this.#tails.get(key) ?? Promise.resolve();
  }

  /** Resolves when all tasks added so far have ended. */
  async allSettled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
