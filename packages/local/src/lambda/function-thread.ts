import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { InvocationError, InvokeMessage, Report, ThreadData } from './messages.ts';

/*
 * The thread in which one instance of a function runs, in place of the Lambda runtime's process. It uses built-in
 * modules only, so that a function finds nothing loaded except what its own bundle has loaded.
 */

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) throw new Error('runs only as a worker thread');

/** Output of the function that has not been sent yet. */
let output = '';

// Sent through the port because the thread's own streams do not preserve the order of output and result.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    if (output === '') setImmediate(sendOutput);
    output += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const written = rest.at(-1);
    if (typeof written === 'function') process.nextTick(written);
    return true;
  };
}
process.on('exit', sendOutput);

const data: ThreadData = workerData;
const handler = load(data);
send({ type: 'ready' });

port.on('message', async (message: InvokeMessage) => {
  process.env['_X_AMZN_TRACE_ID'] = message.traceId;
  try {
    const response = await handler(JSON.parse(message.event), contextOf(message));
    send({ type: 'response', payload: JSON.stringify(response) ?? 'null', output: takeOutput() });
  } catch (error) {
    send({ type: 'error', error: describe(error), output: takeOutput() });
  }
});

function send(report: Report): void {
  port?.postMessage(report);
}

function sendOutput(): void {
  if (output !== '') send({ type: 'output', output: takeOutput() });
}

function takeOutput(): string {
  const taken = output;
  output = '';
  return taken;
}

/** Finds the handler as Lambda does: `index.handler` is the export `handler` of index.js, .mjs or .cjs. */
function load({ codeDirectory, handler: name }: ThreadData): Handler {
  const dot = name.lastIndexOf('.');
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(codeDirectory, name.slice(0, dot) + extension))
    .find(existsSync);
  if (file === undefined) throw new Error(`Runtime.ImportModuleError: no module for handler ${name}`);
  const found: unknown = createRequire(file)(file)[name.slice(dot + 1)];
  if (!isHandler(found)) throw new Error(`Runtime.HandlerNotFound: ${name} is undefined or not exported`);
  return found;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/** The context object of the Node.js runtime; nodejs24.x no longer has callback functions on it. */
function contextOf({ requestId, functionName, functionArn, memoryMb, deadline }: InvokeMessage) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    invokedFunctionArn: functionArn,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): InvocationError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
