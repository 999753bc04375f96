import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '4.0.2';
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/aws-lambda-ric');
const ENTRY = join(CACHE, 'node_modules/aws-lambda-ric/index.mjs');

/**
 * Installs the client that runs in Lambda's own images, unless it is installed already. It is not a dependency
 * of the project, because it builds a native module, which needs cmake, make, a C++ compiler, autotools and
 * some minutes.
 *
 * @returns the file that starts it
 */
export function installLambdaRic(): string {
  if (existsSync(ENTRY)) return ENTRY;
  console.log(`installing aws-lambda-ric ${VERSION}, which takes some minutes`);
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', `--prefix=${CACHE}`, `aws-lambda-ric@${VERSION}`],
    { encoding: 'utf8' },
  );
  if (status !== 0 || !existsSync(ENTRY)) {
    throw new Error(
      `aws-lambda-ric could not be installed; it needs cmake, make, g++, autoconf, automake and libtool:\n${stdout}${stderr}`,
    );
  }
  return ENTRY;
}
