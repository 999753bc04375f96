import { defineConfig } from 'vitest/config';

/** `npm run test:runtime`: the bundles in Lambda's own runtime client. Apart from `npm test`, which need not build it. */
export default defineConfig({
  test: {
    include: ['test/runtime/*.suite.ts'],
    globalSetup: ['test/runtime/install-once.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
