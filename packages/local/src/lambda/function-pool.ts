import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
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
  /** Receives each line that the function writes, and one for each invocation that Lambda would report. */
  onLine: (line: string) => void;
};

/** Threads of one function at once; an invocation beyond them waits its turn, where Lambda would add instances. */
const maxInstances = 10;

/**
 * Threads of one function that start at once. More would only take the processors from those that already serve,
 * which often are done with the queue before another one is up.
 */
const maxStarting = availableParallelism();

/** A module that is not loaded by then never is (Lambda's own limit of the init phase). */
const initTimeoutMs = 10_000;

/** Bytes of an event and of an answer in a synchronous invocation (Lambda quotas). */
export const maxPayloadBytes = 6 * 1024 * 1024;

/**
 * Runs a function as Lambda does: an instance serves one event at a time and keeps its module state between events,
 * more are started on demand, and one that fails to load, crashes or runs past its timeout is ended and replaced.
 */
export function createFunctionPool({ definition, environment, onLine }: FunctionPoolOptions): FunctionPool {
  const instances = new Set<FunctionInstance>();
  const idle: FunctionInstance[] = [];
  /** Who waits for an instance; undefined tells them that there will be none. */
  const waiting: ((instance: FunctionInstance | undefined) => void)[] = [];
  let starting = 0;
  let running = 0;
  let closed = false;

  /** Starts another instance when somebody waits whom none of those under way is for. */
  function grow(): void {
    const enough = starting >= Math.min(waiting.length, maxStarting) || instances.size >= maxInstances;
    if (!enough && !closed) void start();
  }

  async function start(): Promise<void> {
    starting += 1;
    const instance = startInstance(definition, environment, lineSplitter(onLine));
    instances.add(instance);
    const timer = setTimeout(instance.end, initTimeoutMs);
    await instance.ready;
    clearTimeout(timer);
    starting -= 1;
    // One that has not come up goes to who waits too: what went wrong is the answer to the event.
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
    const answer = instance.invoke({
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
    const result = await Promise.race([answer, timeout.promise]);
    clearTimeout(timer);
    if (result === undefined) {
      await instance.end();
      const message = `${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      onLine(message);
      return failure('Sandbox.Timedout', message);
    }
    if (!result.ok) {
      onLine(JSON.stringify({ level: 'ERROR', function: definition.name, requestId, ...result.error }));
      return result;
    }
    if (Buffer.byteLength(result.payload) > maxPayloadBytes) {
      return failure('Function.ResponseSizeTooLarge', 'the answer is larger than Lambda hands on');
    }
    return result;
  }

  return {
    functionName: definition.name,
    invoke,
    async close() {
      closed = true;
      for (const next of waiting.splice(0)) next(undefined);
      await Promise.all([...instances].map((instance) => instance.end()));
    },
  };
}

function failure(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage, trace: [] } };
}

/** An X-Ray tracing header that is not sampled. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** Collects text until a line is whole. */
function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
