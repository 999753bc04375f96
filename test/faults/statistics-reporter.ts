import type { Reporter, TestModule } from 'vitest/node';
import { PROMISES } from './promises.ts';
import { sumOf } from './statistics.ts';

/** Prints after the tests what they have tried in total, and how often each promise was broken. */
export default class StatisticsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const allStatistics = modules.flatMap(({ children }) =>
      [...children.allTests()].flatMap((test) => test.meta().faults ?? []),
    );
    const { schedules, kills, calls, records, broken } = sumOf(allStatistics);
    const rows: [string, number][] = [
      ['schedules tried', schedules],
      ['kills', kills],
      ['calls placed', calls],
      ['records', records],
      ...PROMISES.map((promise): [string, number] => [`broken: ${promise}`, broken[promise]]),
    ];
    console.log(`\n${rows.map(([what, count]) => `${String(count).padStart(8)}  ${what}`).join('\n')}\n`);
  }
}
