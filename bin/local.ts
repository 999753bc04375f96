import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { startControl } from '@provider-call/local/control';
import { awsAccessOf, type LocalEnvironment, parseEnvironment } from '@provider-call/local/environment';
import { greeting } from '@provider-call/local/greeting';
import { createRequestLog, readCallStatus } from '@provider-call/local/request-log';
import { StartError } from '@provider-call/local/start-error';

/*
 * `npm start`: the whole system on one machine, until Ctrl-C or the end of the npm process.
 */

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
// A function's clock is UTC, wherever the machine is.
process.env['TZ'] = 'UTC';

/** Milliseconds within which the system must have stopped. What it has stored is safe in any case. */
const STOP_TIMEOUT_MS = 5_000;
/** Milliseconds after which another signal counts as the user's second; a terminal and npm both send the first. */
const SECOND_SIGNAL_MS = 1_000;
const PARENT_CHECK_MS = 250;

/** Stops the system; undefined until it has started. */
let stop: (() => Promise<void>) | undefined;
let stoppingSince: number | undefined;

process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
endWithNpm();

// A full disk behind the log must not end a system with calls in progress.
process.stdout.once('error', ({ message }) =>
  console.error(
    `stdout cannot be written (${message}): the system continues, and its log is lost meanwhile. Make room, or run npm start again with its log elsewhere`,
  ),
);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await start(parseEnvironment(process.env));
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}

async function start(environment: LocalEnvironment): Promise<void> {
  // Loaded only now, so that a wrong variable is reported at once; compiled only when it has changed.
  enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/provider-call-compiled'));
  const { startLocal } = await import('@provider-call/local/start');
  let callBackendUrl: string | undefined;
  const isReadable = environment.LOG === undefined ? process.stdout.isTTY : environment.LOG !== 'json';
  const log = isReadable
    ? createRequestLog({
        write: (line) => console.log(line),
        colour: process.stdout.isTTY && !process.env['NO_COLOR'],
        timeZone,
        debug: environment.LOG === 'debug',
        callStatus: async (id) => callBackendUrl && (await readCallStatus(callBackendUrl, id)),
      })
    : { onLog: (line: string) => console.log(line) };
  const system = await startLocal({
    host: environment.HOST,
    port: environment.PORT,
    dataDir: environment.DATA_DIR,
    dynamodbEndpoint: environment.DYNAMODB_ENDPOINT,
    aws: awsAccessOf(environment),
    jwtKey: environment.JWT_KEY,
    backendUrls: {
      route: environment.ROUTE_BACKEND_URL,
      flow: environment.FLOW_BACKEND_URL,
      call: environment.CALL_BACKEND_URL,
    },
    amqpUrl: environment.AMQP_URL,
    sipAllow: environment.SIP_ALLOW,
    site: true,
    platform: { ...(environment.WEBHOOK_URL !== undefined && { webhookUrl: environment.WEBHOOK_URL }) },
    fullTraces: environment.LOG === 'debug',
    ...log,
  });
  // A real backend receives only the requests that the API needs.
  callBackendUrl = environment.CALL_BACKEND_URL === undefined ? system.platformUrl : undefined;
  const control = await startControl(system);
  stop = async () => {
    await control.close();
    await system.close();
  };
  console.log(greeting(system));
  console.log(`ready ${system.url}`);
  flushCompileCache();
}

/** Stops the system; exits at once if there is none yet or if this is the user's second signal. */
async function end(statusBeforeStart: number): Promise<void> {
  if (stop === undefined) process.exit(statusBeforeStart);
  if (stoppingSince !== undefined) {
    if (performance.now() - stoppingSince > SECOND_SIGNAL_MS) process.exit(statusBeforeStart);
    return;
  }
  stoppingSince = performance.now();
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  await stop();
  process.exit(0);
}

/** A killed npm does not stop its children: without this, the port and DATA_DIR would stay in use. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    void end(1);
  }, PARENT_CHECK_MS);
  timer.unref();
}
