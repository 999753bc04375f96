import { spawnSync } from 'node:child_process';
import { defineConfig } from 'vitest/config';

// sipp exits with 99 after -v; only an error of the spawn says that it is not there.
const installed = (program: string) => spawnSync(program, ['-v']).error === undefined;

if (!installed('sipp')) {
  console.error('test:sip needs sipp: apt-get install sip-tester');
  process.exit(1);
}
const withProxy = installed('kamailio');
if (!withProxy) console.error('kamailio is not installed: calls through a proxy are left out');

/** The SIP leg against sipp, and through kamailio where it is installed. Apart from `npm test`, which needs neither. */
export default defineConfig({
  test: {
    include: ['test/sip/sipp.suite.ts', ...(withProxy ? ['test/sip/kamailio.suite.ts'] : [])],
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
