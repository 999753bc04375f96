import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cachedBuild } from '../build-cache.ts';
import type { FunctionDefinition } from '../template/functions.ts';
import { type FunctionInstance, type InvocationResult, startInstance } from './function-instance.ts';

/** Every instance of one function. */
export type FunctionPool = {
  readonly functionName: string;
  /** Serves an event in an idle instance, or in a new one. Never rejects. */
  invoke(event: unknown): Promise<InvocationResult>;
  close(): Promise<void>;
};

export type FunctionPoolOptions = {
  definition: FunctionDefinition;
  environment: Record<string, string>;
  /** Path of the code that each thread runs, see `functionThread`. */
  threadFile: string;
  /** True logs whole stack traces; false their first lines. */
  fullTraces?: boolean;
  /** See STALL_MS. */
  stallMs?: number;
  /** Receives each line that the function writes, and one for each invocation that Lambda itself would report. */
  onLine: (line: string) => void;
};

/** Maximum number of threads per function; further invocations wait, where Lambda would add instances. */
const MAX_INSTANCES = 10;

/**
 * Number of threads of a function that may start at once. More would only take processor time from those that already
 * serve.
 */
const MAX_STARTING = availableParallelism();

/**
 * Milliseconds without an instance becoming free after which a waiting event gets another one. Another thread, which
 * has to compile the function's code for itself, does not help an event that is waiting for a processor: ten threads
 * serve a third of what one serves. It does help an event that is waiting behind a slow backend.
 */
const STALL_MS = 50;

/** Lambda's own limit for the init phase, by which a module must have been loaded. */
const INIT_TIMEOUT_MS = 10_000;

/** Number of lines of a stack trace that are logged unless all are requested. */
const MAX_TRACE_LINES = 2;

/** Bytes of an event and of a response in a synchronous invocation (Lambda quotas). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/**
 * Runs a function as Lambda does: an instance serves one event at a time and keeps its module state between events,
 * more are started on demand, and one that fails to load, crashes or runs past its timeout is ended and replaced.
 */
export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const { definition, environment, threadFile, fullTraces = false, stallMs = STALL_MS, onLine } = options;
  const instances = new Set<FunctionInstance>();
  const idle: FunctionInstance[] = [];
  /** Events that wait for an instance; undefined means that there will be none. */
  const waiting: ((instance: FunctionInstance | undefined) => void)[] = [];
  let starting = 0;
  let running = 0;
  let closed = false;
  /** When an instance last became free, by the monotonic clock. */
  let freeAt = 0;
  let nextCheck: NodeJS.Timeout | undefined;

  /** Starts instances for the waiting events, if there are none yet or none has become free for a while. */
  function grow(): void {
    if (closed || waiting.length === 0) return;
    const isFirst = instances.size === 0;
    if (isFirst) freeAt = performance.now();
    if (isFirst || performance.now() - freeAt >= stallMs) {
      while (starting < Math.min(waiting.length, MAX_STARTING) && instances.size < MAX_INSTANCES)
        void start();
    }
    checkLater();
  }

  function firstLines(trace: readonly string[]): readonly string[] {
    return fullTraces ? trace : trace.slice(0, MAX_TRACE_LINES);
  }

  function checkLater(): void {
    nextCheck ??= setTimeout(() => {
      nextCheck = undefined;
      grow();
    }, stallMs);
  }

  async function start(): Promise<void> {
    starting += 1;
    const onOutput = lineSplitter(onLine);
    const instance = startInstance({
      definition,
      environment,
      threadFile,
      onOutput,
      onCrash: (stack) => {
        for (const line of firstLines(stack.split('\n'))) onLine(line);
      },
    });
    instances.add(instance);
    const timer = setTimeout(instance.end, INIT_TIMEOUT_MS);
    await instance.ready;
    clearTimeout(timer);
    starting -= 1;
    // An instance that failed to start is also assigned to a waiting event, whose result is then that error.
    const next = waiting.shift();
    if (next !== undefined) next(instance);
    else release(instance);
    grow();
  }

  function acquire(): Promise<FunctionInstance | undefined> {
    const instance = idle.pop();
    if (instance !== undefined && !instance.broken) return Promise.resolve(instance);
    if (instance !== undefined) {
      instances.delete(instance);
      return acquire();
    }
    return new Promise((resolve) => {
      waiting.push(resolve);
      grow();
    });
  }

  function release(instance: FunctionInstance): void {
    if (instance.broken) {
      instances.delete(instance);
      grow();
      return;
    }
    freeAt = performance.now();
    const next = waiting.shift();
    if (next !== undefined) next(instance);
    else idle.push(instance);
  }

  async function invoke(event: unknown): Promise<InvocationResult> {
    if (running >= (definition.reservedConcurrency ?? Number.POSITIVE_INFINITY)) {
      return failure('TooManyRequestsException', 'Rate Exceeded.');
    }
    running += 1;
    try {
      const instance = closed ? undefined : await acquire();
      if (instance === undefined) return failure('Runtime.Closed', 'the local system is being stopped');
      const result = await serve(instance, JSON.stringify(event));
      release(instance);
      return result;
    } finally {
      running -= 1;
    }
  }

  async function serve(instance: FunctionInstance, event: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const { timeoutMs } = definition;
    const response = instance.invoke({
      event,
      requestId,
      functionName: definition.name,
      functionArn: definition.arn,
      memoryMb: definition.memoryMb,
      deadline: Date.now() + timeoutMs,
      traceId: newTraceId(),
    });
    const timeout = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeout.resolve, timeoutMs, undefined);
    const result = await Promise.race([response, timeout.promise]);
    clearTimeout(timer);
    if (result === undefined) {
      await instance.end();
      const message = `${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      onLine(message);
      return failure('Sandbox.Timedout', message);
    }
    if (!result.ok) {
      const trace = firstLines(result.error.trace);
      onLine(
        JSON.stringify({ level: 'ERROR', function: definition.name, requestId, ...result.error, trace }),
      );
      return result;
    }
    if (Buffer.byteLength(result.payload) > MAX_PAYLOAD_BYTES) {
      return failure('Function.ResponseSizeTooLarge', 'the response is larger than Lambda returns');
    }
    return result;
  }

  return {
    functionName: definition.name,
    invoke,
    async close() {
      closed = true;
      clearTimeout(nextCheck);
      for (const next of waiting.splice(0)) next(undefined);
      await Promise.all([...instances].map((instance) => instance.end()));
    },
  };
}

/**
 * Returns the path of the code that each thread runs. Its types are stripped once, because a thread that runs
 * TypeScript first loads the type stripper, which takes longer than the rest of its start.
 */
export async function functionThread(): Promise<string> {
  const source = 'packages/local/src/lambda/function-thread.ts';
  const directory = await cachedBuild({
    name: 'function-thread',
    inputs: [source],
    async make(directory) {
      const { buildSync } = await import('esbuild');
      buildSync({
        entryPoints: [join(import.meta.dirname, 'function-thread.ts')],
        outfile: join(directory, 'function-thread.mjs'),
        format: 'esm',
        platform: 'node',
      });
    },
  });
  return join(directory, 'function-thread.mjs');
}

function failure(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage, trace: [] } };
}

/** Returns an X-Ray tracing header for a trace that is not sampled. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** Returns a function that collects text until a line is complete. */
function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
