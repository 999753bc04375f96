/**
 * Returns a function that runs tasks, at most `limit` of them at a time and the others in order. A task whose signal is
 * aborted before its turn is never started.
 */
export function limitRequests(limit: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async function run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      signal?.throwIfAborted();
      return await task();
    } finally {
      // The slot is passed directly to the next task, so that no other can take it in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
