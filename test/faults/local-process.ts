import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runSchedules } from '../../packages/local/src/control.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The local system as a process, as `npm start` starts it. */
export type LocalProcess = {
  url: string;
  token: string;
  standInUrl: string;
  dynamodbEndpoint: string;
  /** Runs reconcile at once, as `npm run reconcile` does. */
  reconcile(): Promise<string>;
  /** Kills the process. */
  kill(): Promise<void>;
  /** Ends it like Ctrl-C. */
  stop(): Promise<void>;
};

const PATTERNS = {
  url: /^ready (\S+)$/m,
  token: /#token=(\S+)$/m,
  standInUrl: /platform stand-in (\S+)$/m,
  dynamodbEndpoint: /DynamoDB (\S+),/m,
};

/**
 * Starts the local system on a free port, with its tables in a folder and, with an `amqpUrl`, its functions and
 * managers on a broker. Node keeps compiled code in `compileCache`, which it writes when a process ends
 * normally; later starts take two thirds of the time.
 */
export async function startLocalProcess({
  dataDir,
  compileCache,
  amqpUrl,
}: {
  dataDir: string;
  compileCache: string;
  amqpUrl: string | undefined;
}): Promise<LocalProcess> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/local.ts')], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      PORT: '0',
      NODE_COMPILE_CACHE: compileCache,
      ...(amqpUrl !== undefined && { AMQP_URL: amqpUrl }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const output = await untilReady(child);
  const url = find(output, PATTERNS.url);
  return {
    url,
    token: find(output, PATTERNS.token),
    standInUrl: find(output, PATTERNS.standInUrl),
    dynamodbEndpoint: find(output, PATTERNS.dynamodbEndpoint),
    reconcile: () => runSchedules(Number(new URL(url).port)),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function find(output: string, pattern: RegExp): string {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`the local system does not print ${pattern}: ${output}`);
  return found;
}

async function untilReady(process: ChildProcess): Promise<string> {
  let output = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [process.stdout, process.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (!PATTERNS.url.test(output)) output += text;
      if (PATTERNS.url.test(output)) ready.resolve();
    });
  }
  process.once('exit', (status) =>
    ready.reject(new Error(`the local system ended with ${status}: ${output}`)),
  );
  await Promise.race([ready.promise, setTimeout(60_000, undefined, { ref: false })]);
  return output;
}
