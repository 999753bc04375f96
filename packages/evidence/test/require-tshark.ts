import { spawnSync } from 'node:child_process';

/** Ends the run before its first test when tshark is missing. */
export default function requireTshark(): void {
  if (spawnSync('tshark', ['--version']).error !== undefined) {
    throw new Error('npm run test:sip needs tshark: apt-get install tshark');
  }
}
