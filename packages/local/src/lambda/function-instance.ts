import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from '../template/functions.ts';
import { type InvocationError, type InvokeMessage, reportSchema, type ThreadData } from './messages.ts';

export type InvocationResult = { ok: true; payload: string } | { ok: false; error: InvocationError };

/** One execution environment of a function: a thread that serves one invocation at a time. */
export type FunctionInstance = {
  /** Resolves once the thread can serve, or has turned out not to: then `broken` is true. */
  ready: Promise<void>;
  /** True once the thread has ended, or never came up. */
  readonly broken: boolean;
  /** Serves one invocation; must not be called again before it has settled. Never rejects. */
  invoke(message: InvokeMessage): Promise<InvocationResult>;
  end(): Promise<void>;
};

export type FunctionInstanceOptions = {
  definition: FunctionDefinition;
  environment: Record<string, string>;
  /** Path of the thread's own code, in JavaScript. */
  threadFile: string;
  /** Receives the function's output to stdout and stderr, in order. */
  onOutput: (text: string) => void;
  /** Receives the stack trace of the error that ended the thread. */
  onCrash: (stack: string) => void;
};

/** Megabytes of young generation. With the default for threads, garbage collection takes a tenth of a warm request. */
const YOUNG_GENERATION_MB = 64;

/** Starts a thread for a function. */
export function startInstance(options: FunctionInstanceOptions): FunctionInstance {
  const { definition, environment, threadFile, onOutput, onCrash } = options;
  const data: ThreadData = { codeDirectory: definition.codeDirectory, handler: definition.handler };
  const worker = new Worker(threadFile, {
    name: definition.name,
    workerData: data,
    env: environment,
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
  });
  const ready = Promise.withResolvers<void>();
  let broken: InvocationError | undefined;
  let settle: ((result: InvocationResult) => void) | undefined;

  function finish(result: InvocationResult): void {
    const waiting = settle;
    settle = undefined;
    waiting?.(result);
  }

  function breakDown(error: InvocationError): void {
    if (broken !== undefined) return;
    broken = error;
    ready.resolve();
    finish({ ok: false, error });
  }

  worker.on('message', (message: unknown) => {
    const report = reportSchema.parse(message);
    if (report.type === 'ready') return ready.resolve();
    if (report.output !== '') onOutput(report.output);
    if (report.type === 'response') finish({ ok: true, payload: report.payload });
    if (report.type === 'error') finish({ ok: false, error: report.error });
  });
  // After an uncaught exception, an unhandled rejection or reaching the memory limit, Lambda ends the process.
  worker.on('error', (error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    onCrash(stack ?? message);
    breakDown({ errorType: name, errorMessage: message, trace: [] });
  });
  worker.on('exit', (status) => {
    breakDown({
      errorType: 'Runtime.ExitError',
      errorMessage: `Runtime exited with exit status ${status}`,
      trace: [],
    });
  });

  return {
    ready: ready.promise,
    get broken() {
      return broken !== undefined;
    },
    invoke(message) {
      if (broken !== undefined) return Promise.resolve({ ok: false, error: broken });
      return new Promise((resolve) => {
        settle = resolve;
        worker.postMessage(message);
      });
    },
    async end() {
      await worker.terminate();
    },
  };
}
