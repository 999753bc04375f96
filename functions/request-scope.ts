/** What belongs to one request and goes with it through all layers: its id, and where its time went. */
export type RequestScope = {
  /** 1–64 characters of A–Z, a–z, 0–9, _ and -. Goes to the backends and into the log and the answer. */
  requestId: string;
  /** Runs the work and adds its milliseconds to what `name` has taken so far. */
  measure<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Milliseconds by name. */
  timings: Readonly<Record<string, number>>;
};

export const createRequestScope = (requestId: string): RequestScope => {
  const timings: Record<string, number> = {};
  return {
    requestId,
    timings,
    measure: async (name, work) => {
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        timings[name] = (timings[name] ?? 0) + performance.now() - startedAt;
      }
    },
  };
};
