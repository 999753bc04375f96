import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedBuild } from './build-cache.ts';

/**
 * Everything that the synthesis of stage `local` reads: the stack, the code that it bundles, and the tools that it
 * uses.
 */
const INPUTS = [
  'functions',
  'lib',
  'contract',
  'packages/sip/src',
  'packages/platform/src',
  'packages/local/src/synthesize.ts',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];

/** How the functions of an assembly reach the backends. */
export type Transport = 'http' | 'amqp';

/**
 * Returns the directory of the synthesized stack of stage `local`, synthesizing it if its sources have changed.
 *
 * The CDK runs in a separate process: it computes for seconds without a break, during which this process could neither
 * handle signals nor start anything else.
 */
export function localAssembly(transport: Transport = 'http'): Promise<string> {
  return cachedBuild({
    name: `assembly-${transport}`,
    inputs: INPUTS,
    make: (directory) => synthesize(directory, transport),
  });
}

async function synthesize(directory: string, transport: Transport): Promise<void> {
  const synthesis = promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'synthesize.ts'),
    directory,
    transport,
  ]);
  const stop = () => synthesis.child.kill('SIGKILL');
  process.once('exit', stop);
  try {
    await synthesis;
  } finally {
    process.off('exit', stop);
  }
}
