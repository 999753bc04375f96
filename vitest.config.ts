import { defineConfig } from 'vitest/config';

/** Only what hangs runs into these: a busy machine takes several times as long as one at rest. */
const TIMEOUTS = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
};
const SYNTHESIZED = { globalSetup: ['test/synthesize-once.ts'] };

/**
 * Unit tests whose modules keep no state from one file to the next. The files share what a worker has loaded: loading the CDK or the SDK
 * anew for each of them takes as long as their tests. A function that reads its environment when it is loaded is tested in isolation,
 * and so is what counts live objects, because V8 walks all that is loaded to count them.
 */
const SHARING_MODULES = [
  'packages/{cli,client,console,evidence,platform}/test/**/*.test.ts',
  'packages/sip/test/**/!(ended-call|*invite-client-transaction).test.ts',
  'test/lib/**/!(operator-alarms|provider-call-events).test.ts',
  'test/functions/provider-calls/**/*.test.ts',
  'test/structure.test.ts',
];

/**
 * One project for each suite: `unit` and `unit-isolated` are all of `npm test` and need nothing but `npm ci`; the others need more time or
 * programs that .ci/run installs.
 */
export default defineConfig({
  test: {
    // Vitest leaves a core idle; on a machine with two that is half of it.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['{contract,functions,lib}/**/*.ts', 'packages/*/src/**/*.ts'] },
    projects: [
      {
        test: {
          name: 'unit',
          include: SHARING_MODULES,
          isolate: false,
          ...SYNTHESIZED,
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'unit-isolated',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: SHARING_MODULES,
          ...SYNTHESIZED,
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts', 'test/faults/**/*.faults.ts'],
          ...SYNTHESIZED,
          ...TIMEOUTS,
        },
      },
      {
        // What a mutation must fail: all that is quick enough to be run once for each of them.
        test: {
          name: 'mutations',
          include: ['test/functions/**/*.test.ts', 'test/faults/**/*.{test,faults}.ts'],
          exclude: [
            'test/faults/{killed,many-due-records,pairs-of-faults,random-schedules}.faults.ts',
            'test/faults/mutations.test.ts',
          ],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'faults-amqp',
          include: [
            'test/faults/*.test.ts',
            'test/faults/every-status.faults.ts',
            'test/faults/failing-dynamodb.faults.ts',
            'test/faults/killed.faults.ts',
            'test/faults/pairs-of-faults.faults.ts',
            'test/faults/random-schedules.faults.ts',
            'test/faults/*.broker.ts',
          ],
          provide: { transport: 'amqp' },
          globalSetup: ['test/synthesize-once.ts', 'test/start-rabbitmq-once.ts'],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'amqp',
          include: ['test/**/*.amqp.ts', 'packages/*/test/**/*.amqp.ts'],
          globalSetup: ['test/synthesize-once.ts', 'test/start-rabbitmq-once.ts'],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'sip',
          include: ['packages/sip/test/peers/*.suite.ts', 'packages/evidence/test/*.suite.ts'],
          globalSetup: [
            'packages/sip/test/peers/require-programs.ts',
            'packages/evidence/test/require-tshark.ts',
          ],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'cli',
          include: ['packages/cli/test/*.suite.ts'],
          globalSetup: ['test/synthesize-once.ts', 'packages/cli/test/require-programs.ts'],
          fileParallelism: false,
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'console',
          include: ['packages/console/test/browser/*.suite.ts'],
          globalSetup: ['packages/console/test/browser/require-chromium.ts'],
          // A browser and a whole system for each file; on two cores two files at a time would only delay each other.
          fileParallelism: false,
          ...TIMEOUTS,
        },
      },
      {
        test: { name: 'readme', include: ['test/readme/*.suite.ts'], testTimeout: 120_000 },
      },
      {
        test: {
          name: 'velocity',
          include: ['test/velocity/*.suite.ts'],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'templates',
          include: ['test/templates/*.suite.ts'],
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'runtime',
          include: ['test/runtime/*.suite.ts'],
          globalSetup: ['test/runtime/install-once.ts'],
          ...TIMEOUTS,
        },
      },
    ],
  },
});
