import { defineConfig } from 'vitest/config';
import TallyReporter from './test/faults/tally-reporter.ts';

/** `npm run test:faults`: what `npm test` runs of test/faults, and what takes too long for it (`*.faults.ts`). */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/faults/**/*.faults.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', new TallyReporter()],
  },
});
