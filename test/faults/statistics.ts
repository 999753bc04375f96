import type { TestContext } from 'vitest';
import { type Broken, PROMISES } from './promises.ts';

/** What a fault test adds to the totals that `npm run test:faults` prints. */
export type Statistics = {
  schedules: number;
  kills: number;
  calls: number;
  records: number;
  broken: Record<Broken['promise'], number>;
};

declare module 'vitest' {
  interface TaskMeta {
    faults?: Statistics;
  }
}

/** Adds up the statistics of the tests. */
export function sumOf(allStatistics: readonly Statistics[]): Statistics {
  const sum = emptyStatistics();
  for (const { schedules, kills, calls, records, broken } of allStatistics) {
    sum.schedules += schedules;
    sum.kills += kills;
    sum.calls += calls;
    sum.records += records;
    for (const promise of PROMISES) sum.broken[promise] += broken[promise];
  }
  return sum;
}

function emptyStatistics(): Statistics {
  return {
    schedules: 0,
    kills: 0,
    calls: 0,
    records: 0,
    broken: {
      'no call without a record': 0,
      'no call in two records': 0,
      'no second call for one request': 0,
      'no temporary flow left behind': 0,
      'no flow deleted under a live call': 0,
      'nothing stays unsettled': 0,
      'no false response': 0,
    },
  };
}

/** Returns the statistics of a test, to which it adds. */
export function statisticsOf({ task }: TestContext): Statistics {
  task.meta.faults ??= emptyStatistics();
  return task.meta.faults;
}
